"""Columns that every room spells the same way."""

from typing import Any

from django.db import models

from config.ids import new_id


def id_field(**options: Any) -> models.CharField:
    """A string primary key: made here as 24 hex, or kept as it was imported.

    It compares and sorts by bytes, so order is the same on every server.
    """
    defaults = {"max_length": 64, "default": new_id, "editable": False}
    return models.CharField(
        primary_key=True, db_collation="C", **{**defaults, **options}
    )


def code_field(**options: Any) -> models.CharField:
    """A code, netid or other name that programs compare and sort by bytes."""
    return models.CharField(db_collation="C", **{"max_length": 64, **options})
