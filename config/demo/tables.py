"""How rows get into tables: a few by INSERT, many by COPY."""

import json
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import AutoField, Model
from psycopg import IntegrityError

from config.errors import Conflict

Row = dict[str, Any]
Attach = Callable[[], None]


class OtherRecord(Conflict):
    """The registry holds rows of its own where the demo record would stand."""

    code = "other_record"


def insert_missing(rows: Iterable[Model]) -> dict[str, Model]:
    """Insert those rows of one table that are not there; return all as they stand.

    Raises OtherRecord where a code or the like is taken by a row of another id.
    """
    by_id = {row.pk: row for row in rows}
    objects = type(next(iter(by_id.values())))._default_manager
    objects.bulk_create(by_id.values(), ignore_conflicts=True)
    stored = objects.in_bulk(by_id)
    if missing := by_id.keys() - stored:
        names = ", ".join(str(by_id[pk]) for pk in sorted(missing))
        raise OtherRecord(
            f"The registry has records of its own where the demo would put {names}."
        )
    return stored


def attach_to(context: Any) -> None:
    """Put this transaction, on whichever connection, into a history context.

    The history does so itself with each statement of the thread that entered the
    context, but not with COPY.
    """
    settings = {
        "pghistory.context_id": str(context.id),
        "pghistory.context_metadata": json.dumps(context.metadata),
    }
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def copy_rows(model: type[Model], rows: Iterable[Row]) -> None:
    """Stream rows into a table, in a transaction that knows its history context.

    All rows name the same columns; a column that they do not name gets the
    default of its field.
    """
    rows = iter(rows)
    first = next(rows)
    others = {
        field.attname: field.get_default()
        for field in model._meta.concrete_fields
        if field.attname not in first and not isinstance(field, AutoField)
    }
    columns = ", ".join(f'"{name}"' for name in [*first, *others])
    with connection.cursor() as cursor:
        # Keys that wait for the commit would queue in memory, one by one.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _stream(
            cursor,
            f"COPY {model._meta.db_table} ({columns}) FROM STDIN",
            ((*row.values(), *others.values()) for row in chain([first], rows)),
        )


def _stream(cursor: Any, copy: str, rows: Iterable[tuple]) -> None:
    try:
        with cursor.copy(copy) as stream:
            for row in rows:
                stream.write_row(row)
    except IntegrityError as error:
        raise OtherRecord(
            "The registry has records of its own where the demo would put generated "
            "ones."
        ) from error
