"""Who may import and export what."""

from collections.abc import Iterator

from config.admin.staff import Staff
from transfer.kind import Kind
from transfer.kinds import KINDS

# What a kind's import writes besides its own rows.
ALSO_WRITES = {
    "units": ["offerings.add_gradecolumn"],
    "grades": ["registrations.change_registration", "registrations.publish_grades"],
    "dplans": ["students.change_profile"],
}
GRADE_LATE = "registrations.grade_late"
GRADED = ("registrations", "grades")  # what a closed term may forbid


def may_import(staff: Staff, kind: Kind) -> bool:
    """An import compares with every row: whose may not be known, cannot be hidden."""
    permissions = [*_of(kind, "add", "change"), *ALSO_WRITES.get(kind.name, [])]
    return staff.user.has_perms(permissions) and (staff.sees_held or not kind.person)


def may_export(staff: Staff, kind: Kind) -> bool:
    return staff.user.has_perms(_of(kind, "view"))


def may_grade_late(staff: Staff, kind: Kind) -> bool:
    """Whether they may change grades of closed terms by an import of this kind."""
    return kind.name in GRADED and staff.user.has_perm(GRADE_LATE)


def importable(staff: Staff) -> list[Kind]:
    return [kind for kind in KINDS.values() if may_import(staff, kind)]


def exportable(staff: Staff) -> list[Kind]:
    return [kind for kind in KINDS.values() if may_export(staff, kind)]


def may_import_any(staff: Staff) -> bool:
    return any(may_import(staff, kind) for kind in KINDS.values())


def may_export_any(staff: Staff) -> bool:
    return any(may_export(staff, kind) for kind in KINDS.values())


def _of(kind: Kind, *actions: str) -> list[str]:
    meta = kind.model._meta
    return [f"{meta.app_label}.{action}_{meta.model_name}" for action in actions]


def choices(kinds: list[Kind]) -> Iterator[tuple[str, str]]:
    """Kinds as a form offers them."""
    for kind in kinds:
        yield kind.name, kind.title.capitalize()
