"""What an export can be narrowed by, each named by its code or id."""

from collections.abc import Mapping

from django.db.models import Model, Q

from offerings.models import Course, Term, Unit
from transfer.errors import UnknownFilter
from transfer.kind import Kind

NAMED: dict[str, type[Model]] = {"term": Term, "course": Course, "unit": Unit}


def found(kind: Kind, named: Mapping[str, str]) -> dict[str, str]:
    """Return the ids of what is named by code or id. Raises UnknownFilter."""
    ids = {}
    for name, code in named.items():
        if name not in kind.export.filters:
            raise UnknownFilter(f"{kind.title} have no {name} to be narrowed by.")
        ids[name] = _id_of(name, code)
    return ids


def _id_of(name: str, code: str) -> str:
    row = NAMED[name]._default_manager.filter(Q(code=code) | Q(pk=code)).first()
    if row is None:
        raise UnknownFilter(f"There is no {name} {code!r}.")
    return row.pk
