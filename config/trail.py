"""Reading the history: who changed what, from what to what.

An event holds its row as it was left. What it changed is told by the event before
it on the same row, which one subquery finds along an index.
"""

from collections.abc import (
    Callable,
    Collection,
    Container,
    Iterable,
    Iterator,
    Mapping,
)
from datetime import datetime
from typing import Any

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.utils.dateparse import parse_datetime
from msgspec import Struct

from access.identities import Viewer, hidden_among
from config.history import actor_of, last_change, who_did

# What says nothing to a person who asks what changed.
SILENT = {"id", "version", "created_at", "updated_at"}


def kind_of(event: Any) -> str:
    """Which kind of row an event is of."""
    return str(type(event).pgh_tracked_model._meta.verbose_name)


class Trail(Struct, frozen=True):
    """The events of some rows of one model.

    `along` names what the events of one row have in common, led by what the index
    of the events begins with; `name` says for a person which row an event is of.
    """

    events: QuerySet
    along: tuple[str, ...] = ("pgh_obj_id",)
    name: Callable[[Any], str] = kind_of

    def before(self, moment: datetime | None) -> "Trail":
        """Of these, what happened before that moment."""
        if moment is None:
            return self
        earlier = self.events.filter(pgh_created_at__lt=moment)
        return Trail(earlier, self.along, self.name)


def moment_of(text: str) -> datetime | None:
    """The moment before which a page is asked for; None where it is none."""
    try:
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


class Entry(Struct, frozen=True):
    """One change of one row."""

    event: Any
    what: str  # which row it was
    changes: dict[str, tuple[Any, Any]]  # by attribute: before and after
    who: str

    @property
    def at(self) -> datetime:
        return self.event.pgh_created_at

    @property
    def label(self) -> str:
        """insert, update or delete."""
        return self.event.pgh_label

    @property
    def context(self) -> Mapping[str, Any]:
        context = self.event.pgh_context
        return context.metadata if context else {}

    @property
    def door(self) -> str:
        return self.context.get("door", "")

    @property
    def reason(self) -> str:
        return self.context.get("reason", "")


def newest(trails: Iterable[Trail], most: int, viewer: Viewer) -> list[Entry]:
    """The newest changes of all the trails together.

    Those of one moment stay together, so that the next page begins before it.
    """
    found = [entry for trail in trails for entry in read(trail, most, viewer)]
    ordered = sorted(found, key=lambda entry: entry.at, reverse=True)
    if len(ordered) <= most:
        return ordered
    last = ordered[most - 1].at
    return [entry for entry in ordered if entry.at >= last]


def read(
    trail: Trail, most: int, viewer: Viewer, order: Collection[str] = ()
) -> list[Entry]:
    """The newest changes of a trail: three queries, however many there are.

    They name nobody who does not exist for the viewer, as who did something or as
    what a value is.
    """
    order = order or ("-pgh_created_at", "-pgh_id")
    rows = trail.events.select_related("pgh_context").order_by(*order)
    page = [*rows.annotate(before_id=Subquery(_before(trail)))[:most]]
    model = trail.events.model
    ids = [event.before_id for event in page if event.before_id]
    before = model.objects.in_bulk(ids)
    told = [
        (event, dict(_changes(before.get(event.before_id), event))) for event in page
    ]
    hidden = hidden_among(_names_in(told), viewer)
    return [
        Entry(
            event,
            trail.name(event),
            dict(_without(hidden, changes)),
            who_did(event.pgh_context, hidden),
        )
        for event, changes in told
    ]


def _names_in(told: Iterable[tuple[Any, dict[str, tuple[Any, Any]]]]) -> Iterator[Any]:
    """Whatever may name a person in what is told."""
    for event, changes in told:
        yield actor_of(event.pgh_context).get("sub")
        for values in changes.values():
            yield from values


def _without(
    hidden: Container[str], changes: Mapping[str, tuple[Any, Any]]
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The changes, as if those who are hidden had been nobody."""
    for name, (was, now) in changes.items():
        told = [None if _is_in(hidden, value) else value for value in (was, now)]
        if told[0] != told[1]:
            yield name, (told[0], told[1])


def _is_in(hidden: Container[str], value: Any) -> bool:
    return isinstance(value, str) and value in hidden


def who_changed(row: Model, viewer: Viewer) -> str:
    """Who changed a row last, in words for the viewer."""
    event = last_change(row)
    context = event.pgh_context if event else None
    return who_did(context, hidden_among([actor_of(context).get("sub")], viewer))


def _before(trail: Trail) -> QuerySet:
    """The id of the event before, on the same row."""
    same = {name: OuterRef(name) for name in trail.along}
    earlier = Q(pgh_created_at__lt=OuterRef("pgh_created_at")) | Q(
        pgh_created_at=OuterRef("pgh_created_at"), pgh_id__lt=OuterRef("pgh_id")
    )
    events = trail.events.model.objects.filter(earlier, **same)
    return events.order_by("-pgh_created_at", "-pgh_id").values("pgh_id")[:1]


def _changes(before: Any | None, event: Any) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name in _columns(type(event)):
        was = getattr(before, name) if before else None
        now = getattr(event, name) if event.pgh_label != "delete" else None
        if was != now and name.removesuffix("_id") not in SILENT:
            yield name.removesuffix("_id"), (was, now)


def _columns(model: type[Model]) -> Iterator[str]:
    for field in model._meta.concrete_fields:
        if not field.name.startswith("pgh_"):
            yield field.attname
