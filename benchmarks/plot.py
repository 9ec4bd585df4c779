"""One plot of a run: how each ratio stands to its goal."""

from xml.sax.saxutils import escape

from benchmarks.rounds import Goal, Result

ROW = 26
LEFT = 330
WIDTH = 420
LARGEST = 4.0  # times the goal, at the right edge

HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"
 font-family="sans-serif" font-size="13">
<rect width="{width}" height="{height}" fill="#fff"/>
"""
BAR = """<text x="{left}" y="{text}" text-anchor="end">{title}</text>
<rect x="{x}" y="{y}" width="{length}" height="16" fill="{colour}"/>
<line x1="{low}" x2="{high}" y1="{middle}" y2="{middle}" stroke="#222"/>
<text x="{end}" y="{text}">{said}</text>
"""
GOAL = """<line x1="{x}" x2="{x}" y1="24" y2="{y}" stroke="#222"
 stroke-dasharray="4 3"/>
<text x="{x}" y="16" text-anchor="middle">goal</text>
"""


def draw(results: list[Result]) -> str:
    """Return an SVG: a bar per goal, as a multiple of what it asks."""
    bars = [(result, goal) for result in results for goal in result.question.goals]
    height = ROW * len(bars) + 40
    parts = [HEAD.format(width=LEFT + WIDTH + 130, height=height)]
    for number, (result, goal) in enumerate(bars):
        parts.append(_bar(result, goal, 30 + ROW * number))
    parts.append(GOAL.format(x=_x(1.0), y=height - 8))
    return "".join([*parts, "</svg>\n"])


def _bar(result: Result, goal: Goal, y: int) -> str:
    ratio = result.ratio(goal.variant)
    low, here, high = sorted(
        _times(goal, value)
        for value in (
            ratio.median - ratio.spread,
            ratio.median,
            ratio.median + ratio.spread,
        )
    )
    is_missed = goal in result.missed
    return BAR.format(
        left=LEFT - 8,
        text=y + 13,
        title=escape(result.question.title),
        x=LEFT,
        y=y,
        length=max(1, _x(here) - LEFT),
        colour="#b3413a" if is_missed else "#3a7d5c",
        low=_x(low),
        high=_x(high),
        middle=y + 8,
        end=_x(high) + 6,
        said=escape(f"{ratio.median:.2f}, {goal}"),
    )


def _times(goal: Goal, ratio: float) -> float:
    """How many times better than the goal; 1 is just kept."""
    if goal.least is not None:
        return ratio / goal.least
    return (goal.most or 0) / max(ratio, 1e-9)


def _x(times: float) -> float:
    return round(LEFT + WIDTH * min(max(times, 0), LARGEST) / LARGEST, 1)
