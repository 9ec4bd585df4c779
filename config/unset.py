"""UNSET: the value of an attribute that a change leaves as it is.

It is neither None (which clears) nor a default, and it is falsy.
"""

from enum import Enum


class Unset(Enum):
    UNSET = "unset"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset.UNSET
