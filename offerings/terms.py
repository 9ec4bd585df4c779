"""Everything that changes a term."""

from django.db import transaction
from django.utils import timezone

from config.versions import check_version
from offerings.changes import TermChange
from offerings.errors import (
    GradesAlready,
    NoSuchDates,
    ReasonRequired,
    TermCodeTaken,
    TermHasSections,
    TermNotFound,
)
from offerings.models import Term

Versions = frozenset[int] | None


@transaction.atomic
def change_term(
    *, term_id: str, change: TermChange, expected_versions: Versions = None
) -> Term:
    """Change the dates, the window or the names of a term.

    Raises TermNotFound, StaleVersion, NoSuchDates, TermCodeTaken and
    TermHasSections.
    """
    term = _locked(term_id, expected_versions)
    changed = {
        name: value
        for name, value in change.given.items()
        if getattr(term, name) != value
    }
    for name, value in changed.items():
        setattr(term, name, value)
    _check_dates(term)
    if "code" in changed:
        _check_code(term)
    return _saved(term, [*changed])


@transaction.atomic
def close_for_grades(
    *, term_id: str, reason: str | None, expected_versions: Versions = None
) -> Term:
    """Hold off whatever grades are, from now on: see decision 0032.

    The reason is that of the history context it is done in. Raises TermNotFound,
    StaleVersion, ReasonRequired and GradesAlready.
    """
    term = _to_turn(term_id, reason, expected_versions, is_closed=False)
    term.grades_closed_at = timezone.now()
    return _saved(term, ["grades_closed_at"])


@transaction.atomic
def open_for_grades(
    *, term_id: str, reason: str | None, expected_versions: Versions = None
) -> Term:
    """Let grades be changed again as before it was closed.

    Raises what close_for_grades does.
    """
    term = _to_turn(term_id, reason, expected_versions, is_closed=True)
    term.grades_closed_at = None
    return _saved(term, ["grades_closed_at"])


def _to_turn(
    term_id: str, reason: str | None, expected: Versions, *, is_closed: bool
) -> Term:
    """The term, where it stands as it must before it is closed or opened."""
    term = _locked(term_id, expected)
    if not (reason or "").strip():
        raise ReasonRequired
    if term.is_closed_for_grades != is_closed:
        raise GradesAlready("open" if is_closed else "closed")
    return term


def _locked(term_id: str, expected_versions: Versions) -> Term:
    terms = Term.objects.select_for_update(of=("self",))
    term = terms.filter(pk=term_id).first()
    if term is None:
        raise TermNotFound
    check_version(term.version, expected_versions)
    return term


def _check_dates(term: Term) -> None:
    opens, closes = term.registration_opens_on, term.registration_closes_on
    if term.ends_on < term.starts_on:
        raise NoSuchDates("The term ends before it begins.", field="ends_on")
    if (opens is None) != (closes is None):
        raise NoSuchDates(
            "The registration window has both ends, or none.",
            field="registration_closes_on",
        )
    if opens is not None and closes is not None and closes < opens:
        raise NoSuchDates(
            "The registration window closes before it opens.",
            field="registration_closes_on",
        )


def _check_code(term: Term) -> None:
    others = Term.objects.exclude(pk=term.pk)
    if term.code is not None and others.filter(code=term.code).exists():
        raise TermCodeTaken(term.code)
    if term.offerings.filter(section_id__isnull=False).exists():
        raise TermHasSections


def _saved(term: Term, changed: list[str]) -> Term:
    """The term, written where anything changed: no change is no version."""
    if changed:
        term.version += 1
        term.save(update_fields=[*changed, "version"])
    return term
