"""What was typed into a grade sheet, read as changes."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.http import QueryDict

from registrations.changes import Change, GradeChange, Target

Seen = list[tuple[str, int, dict[str, str]]]


def read_seen(text: str) -> Seen:
    """What the form says that it showed; nothing where that cannot be read."""
    try:
        return [_row(*row) for row in json.loads(text)]
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return []


def _row(pk: Any, version: Any, values: Any) -> tuple[str, int, dict[str, str]]:
    return str(pk), int(version), {str(k): str(v) for k, v in values.items()}


def typed_changes(form: QueryDict, columns: Collection[str]) -> Iterator[Change]:
    """A change for each row of which a cell in one of these columns was typed over.

    A cell that was left out is left as it is. What is typed waits to be published,
    also over a grade that was published before.
    """
    for index, (pk, version, values) in enumerate(read_seen(form.get("seen", ""))):
        known = {name: values[name] for name in values if name in columns}
        grades = [*_typed_grades(form, index, known)]
        if grades:
            yield Change(
                target=Target(registration_id=pk),
                grades=grades,
                expected_versions=frozenset({version}),
            )


def _typed_grades(
    form: QueryDict, index: int, values: Mapping[str, str]
) -> Iterator[GradeChange]:
    for name, stored in values.items():
        typed = form.get(f"value.{index}.{name}")
        if typed is not None and typed.strip() != stored.strip():
            yield GradeChange(name, value=typed.strip() or None, published=False)
