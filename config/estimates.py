"""Numbers that were not counted, as they may be said."""


def rounded(number: float) -> int:
    """An estimate in its first two digits: more would be said than is known."""
    digits = len(str(int(number))) - 2
    return int(round(number, -digits)) if digits > 0 else int(round(number))
