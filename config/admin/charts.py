"""Charts drawn on the server: SVG of plain shapes, with a table as their equal."""

from collections.abc import Sequence

from msgspec import Struct

WIDTH = 520  # units of the drawing, of which a panel makes pixels
LABELS = 110  # of them, for the words at the left of a bar
ROW = 30
THICKNESS = 16
HEIGHT = 150  # of a chart of columns
FOOT = 20  # of it, for the words below a column
GAP = 8


class Piece(Struct, frozen=True):
    """A part of a bar or a column: how it looks, and where it lies."""

    look: str  # a class of the style sheet
    x: float
    y: float
    width: float
    height: float


class Bar(Struct, frozen=True):
    """One bar, or one column, with its words."""

    label: str
    x: float  # of the label
    y: float
    pieces: list[Piece]


class Chart(Struct, frozen=True):
    """Bars with what they say in a sentence."""

    name: str  # of its parts in the page
    title: str
    says: str
    bars: list[Bar]
    width: int
    height: int


Amounts = Sequence[tuple[str, float]]  # by look


def bars(
    name: str, title: str, says: str, rows: Sequence[tuple[str, Amounts]]
) -> Chart:
    """Bars across, each as long as the others: what its whole is made of."""
    drawn = [
        Bar(
            label,
            x=LABELS - GAP,
            y=at * ROW + ROW / 2,
            pieces=[*_across(amounts, at * ROW + (ROW - THICKNESS) / 2)],
        )
        for at, (label, amounts) in enumerate(rows)
    ]
    return Chart(name, title, says, drawn, WIDTH, max(ROW, len(rows) * ROW))


def columns(
    name: str, title: str, says: str, rows: Sequence[tuple[str, Amounts]]
) -> Chart:
    """Columns upwards, side by side and on one scale."""
    highest = max((_whole(amounts) for _, amounts in rows), default=0) or 1
    step = WIDTH / (len(rows) or 1)
    drawn = [
        Bar(
            label,
            x=(at + 0.5) * step,
            y=HEIGHT - FOOT / 4,
            pieces=[*_upwards(amounts, at * step + GAP / 2, step - GAP, highest)],
        )
        for at, (label, amounts) in enumerate(rows)
    ]
    return Chart(name, title, says, drawn, WIDTH, HEIGHT)


def _whole(amounts: Amounts) -> float:
    return sum(amount for _, amount in amounts)


def _across(amounts: Amounts, y: float):
    whole, x = _whole(amounts), float(LABELS)
    for look, amount in amounts:
        width = (WIDTH - LABELS) * amount / whole if whole else 0
        if width:
            yield Piece(look, round(x, 1), y, round(width, 1), THICKNESS)
        x += width


def _upwards(amounts: Amounts, x: float, width: float, highest: float):
    y = float(HEIGHT - FOOT)
    for look, amount in amounts:
        height = (HEIGHT - FOOT) * amount / highest
        y -= height
        if height:
            box = (round(x, 1), round(y, 1), round(width, 1), round(height, 1))
            yield Piece(look, *box)
