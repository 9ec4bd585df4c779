"""UNSET: the value of an attribute that a change leaves as it is.

It is neither None (which clears) nor a default, and it is falsy. It is the one
that typed decoding gives for what a request leaves out.
"""

from msgspec import UNSET
from msgspec import UnsetType as Unset

__all__ = ["UNSET", "Unset"]
