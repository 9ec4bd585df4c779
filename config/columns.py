"""Columns that every room spells the same way."""

from typing import Any

from django.db import models

from config.ids import new_id


class CodeField(models.CharField):
    """Text that compares and sorts by bytes, so order is the same on every server.

    Its index serves prefixes as it stands. Django adds a second one for LIKE to
    each column that calls itself `varchar`; this one says the type's full name.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"db_collation": "C", **options})

    def db_type(self, connection: Any) -> str:
        return f"character varying({self.max_length})"


def id_field(**options: Any) -> CodeField:
    """A string primary key: made here as 24 hex, or kept as it was imported."""
    defaults = {"max_length": 64, "default": new_id, "editable": False}
    return CodeField(primary_key=True, **{**defaults, **options})


def code_field(**options: Any) -> CodeField:
    """A code, netid or other name that programs compare and sort by bytes."""
    return CodeField(**{"max_length": 64, **options})
