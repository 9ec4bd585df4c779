"""Members of staff as writers of registrations."""

from config.admin.requests import DeskRequest
from config.admin.staff import Staff
from registrations.changes import Writer

CHANGE = "registrations.change_registration"
GRADE_LATE = "registrations.grade_late"
PUBLISH = "registrations.publish_grades"

NOBODY = ""  # an id that no lecturer has
LONGEST_GRADER = 64


def may_grade(staff: Staff) -> bool:
    """Whether there is anything that they may grade."""
    return staff.grades_own or staff.user.has_perm(CHANGE)


def may_look_at_grades(staff: Staff) -> bool:
    return staff.grades_own or staff.user.has_perm("registrations.view_registration")


def writer_of(request: DeskRequest) -> Writer:
    """Who is signed in, with the reason that the form gives.

    Whoever may change only what they teach is held to it, and there writes for
    people under privacy hold too.
    """
    user, staff = request.user, request.staff
    lecturer = getattr(user, "lecturer", None)
    is_bound = not user.has_perm(CHANGE)
    return Writer(
        grader_id=lecturer.pk if lecturer else user.get_username()[:LONGEST_GRADER],
        sees_held=staff.sees_held or (is_bound and staff.grades_own),
        may_grade_late=user.has_perm(GRADE_LATE),
        reason=_reason(request),
        lecturer_id=(lecturer.pk if lecturer else NOBODY) if is_bound else None,
    )


def publisher_of(request: DeskRequest) -> Writer:
    """Who is signed in, as one who publishes: of whomever they may know."""
    return Writer(
        sees_held=request.staff.sees_held,
        may_grade_late=request.user.has_perm(GRADE_LATE),
        reason=_reason(request),
    )


def _reason(request: DeskRequest) -> str | None:
    return request.POST.get("reason", "").strip() or None
