"""Which permissions it takes to import and to export what."""

from transfer.kind import Kind

# What a kind's import writes besides its own rows.
ALSO_WRITES = {
    "units": ["offerings.add_gradecolumn"],
    "grades": ["registrations.change_registration", "registrations.publish_grades"],
    "dplans": ["students.change_profile"],
}
SEE_HELD = "students.see_held"
GRADE_LATE = "registrations.grade_late"


def to_import(kind: Kind, *, is_late: bool = False) -> list[str]:
    """An import compares with every row: whose may not be known, cannot be hidden."""
    return [
        *_of(kind, "add", "change"),
        *ALSO_WRITES.get(kind.name, []),
        *([SEE_HELD] if kind.person else []),
        *([GRADE_LATE] if is_late else []),
    ]


def to_export(kind: Kind, *, with_held: bool = False) -> list[str]:
    return [*_of(kind, "view"), *([SEE_HELD] if with_held else [])]


def _of(kind: Kind, *actions: str) -> list[str]:
    meta = kind.model._meta
    return [f"{meta.app_label}.{action}_{meta.model_name}" for action in actions]
