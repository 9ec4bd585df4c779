"""Who may import and export what."""

from collections.abc import Iterator

from config.admin.staff import Staff
from transfer.kind import Kind
from transfer.kinds import KINDS
from transfer.rights import GRADE_LATE, to_export, to_import

GRADED = ("registrations", "grades")  # what a closed term may forbid


def may_import(staff: Staff, kind: Kind) -> bool:
    return staff.user.has_perms(to_import(kind))


def may_export(staff: Staff, kind: Kind) -> bool:
    return staff.user.has_perms(to_export(kind))


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


def choices(kinds: list[Kind]) -> Iterator[tuple[str, str]]:
    """Kinds as a form offers them."""
    for kind in kinds:
        yield kind.name, kind.title.capitalize()
