"""What may be asked for a student's record."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DplanChange:
    """What a student is to do in one term, as it was asked for.

    The values may be anything: `set_dplans` says which are not known.
    """

    term_code: Any
    dplan_id: Any
    source_id: Any
    surplus: Collection[str] = ()  # names of attributes that no D-Plan has
