"""Sealing anew what is sealed, so that an old SECRET_KEY can be forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Model

from access.codes import SECOND_FACTOR
from access.models import SecondFactor, SigningKey
from access.sealing import CannotOpen, is_of_now, open_sealed, seal
from access.signing import PURPOSE as SIGNING_KEY

# Few rows: as many as there are staff.
SEALED: list[tuple[type[Model], str, str]] = [
    (SigningKey, "private_key", SIGNING_KEY),
    (SecondFactor, "sealed_key", SECOND_FACTOR),
]


@dataclass
class Sealed:
    """How many secrets are sealed, and with what."""

    new: int = 0  # with SECRET_KEY
    old: int = 0  # with one of its fallbacks
    shut: int = 0  # with one that is gone


def look_at_sealed() -> Sealed:
    """Count what is sealed with which key."""
    return _counted(row[2:] for row in _rows())


@transaction.atomic
def reseal() -> Sealed:
    """Seal with SECRET_KEY what a fallback opens; return what was there before."""
    rows = [*_rows(is_locked=True)]
    for model, pk, sealed, purpose in rows:
        if _kind(sealed, purpose) == "old":
            name = next(name for each, name, _ in SEALED if each is model)
            again = seal(open_sealed(sealed, purpose=purpose), purpose=purpose)
            model._default_manager.filter(pk=pk).update(**{name: again})
    return _counted(row[2:] for row in rows)


def _rows(*, is_locked: bool = False) -> Iterator[tuple]:
    for model, name, purpose in SEALED:
        rows = model._default_manager.order_by("pk")
        if is_locked:
            rows = rows.select_for_update()
        for pk, sealed in rows.values_list("pk", name):
            yield model, pk, sealed, purpose


def _counted(sealed: Iterator[tuple]) -> Sealed:
    counts = Sealed()
    for each in sealed:
        kind = _kind(*each)
        setattr(counts, kind, getattr(counts, kind) + 1)
    return counts


def _kind(sealed: bytes, purpose: str) -> str:
    if is_of_now(sealed, purpose=purpose):
        return "new"
    try:
        open_sealed(sealed, purpose=purpose)
    except CannotOpen:
        return "shut"
    return "old"
