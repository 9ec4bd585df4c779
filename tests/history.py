"""What is done to the tracked tables, beside what their history tells of it."""

from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from pghistory.models import Context

from config.history import events_of


def tracked_models():
    """Every model of which a history is kept, in the order of the names."""
    found = [model for model in apps.get_models() if events_of(model) is not None]
    return sorted(found, key=lambda model: model._meta.label)


def by_hand():
    """The metadata of what is written by this connection with no word about it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_setting('application_name')")
        user, application = cursor.fetchone()
    actor = {"database_user": user, "application": application}
    return {"actor": actor, "door": "database"}


@dataclass
class Witness:
    """The rows that were changed, and the rows of history that came to be.

    Both hold the table, the row's key, what was done and the values that were left,
    or taken away; a change that was told once stands in both, once.
    """

    changed: list
    told: list
    contexts: list  # the metadata of each context that the history names

    @property
    def tables(self):
        """What was done to which table, once for each row."""
        return sorted(f"{done} {table}" for table, _, done, _ in self.changed)


def witnessed(act) -> Witness:
    """Let something be done; return what it did, and what is told of it."""
    before, newest = _rows(), _newest()
    act()
    told, contexts = _told_since(newest)
    return Witness(_changes(before, _rows()), told, contexts)


def _rows():
    return {
        (model._meta.model_name, str(row["pk"])): row
        for model in tracked_models()
        for row in model.objects.values("pk", *_columns(model))
    }


def _columns(model):
    """The columns that the history keeps: not those of secrets."""
    fields = events_of(model).model._meta.concrete_fields
    return [field.attname for field in fields if not field.name.startswith("pgh_")]


def _changes(before, after):
    found = [
        (*key, "insert", _values(after[key])) for key in after.keys() - before.keys()
    ]
    found += [
        (*key, "delete", _values(before[key])) for key in before.keys() - after.keys()
    ]
    found += [
        (*key, "update", _values(after[key]))
        for key in after.keys() & before.keys()
        if after[key] != before[key]
    ]
    return sorted(found, key=lambda change: change[:3])


def _values(row):
    return {name: value for name, value in row.items() if name != "pk"}


def _newest():
    return {
        model: events_of(model).order_by("-pk").values_list("pk", flat=True).first()
        or 0
        for model in tracked_models()
    }


def _told_since(newest):
    events = [
        (model, event)
        for model in tracked_models()
        for event in events_of(model).filter(pk__gt=newest[model])
    ]
    told = [
        (
            model._meta.model_name,
            str(event.pgh_obj_id),
            event.pgh_label,
            {name: getattr(event, name) for name in _columns(model)},
        )
        for model, event in events
    ]
    contexts = Context.objects.in_bulk({event.pgh_context_id for _, event in events})
    metadata = [context.metadata for context in contexts.values()]
    return sorted(told, key=lambda change: change[:3]), metadata
