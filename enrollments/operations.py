"""Everything that changes an enrollment."""

from datetime import datetime

from config.history import ATTACH
from config.prepared import fetch_all, write_all
from config.transactions import joining
from enrollments.errors import BothDatesGiven, EnrollmentNotFound, NotAStudent
from enrollments.models import Enrollment

# Prepared, as a worker runs them all day: a task takes a fifth less of the processor
# than by the ORM.
LOCK = """
SELECT role, assessment_submitted_at, assessment_opted_out_at
FROM enrollments_enrollment WHERE id = %(id)s FOR NO KEY UPDATE
"""
WRITE = f"""
WITH context AS MATERIALIZED ({ATTACH})
UPDATE enrollments_enrollment SET
    assessment_submitted_at = %(submit_date)s,
    assessment_opted_out_at = %(opt_out_date)s,
    version = version + 1, updated_at = statement_timestamp()
FROM context WHERE id = %(id)s
RETURNING id
"""


@joining
def set_course_assessment(
    *,
    enrollment_id: str,
    submit_date: datetime | None,
    opt_out_date: datetime | None,
) -> None:
    """Set both dates of a student's course assessment; both None clear it.

    Raises EnrollmentNotFound, BothDatesGiven or NotAStudent.
    """
    role, *assessment = _locked(enrollment_id)
    if submit_date and opt_out_date:
        raise BothDatesGiven
    if role != Enrollment.Role.STUDENT:
        raise NotAStudent(role)
    if assessment != [submit_date, opt_out_date]:
        dates = {"submit_date": submit_date, "opt_out_date": opt_out_date}
        write_all(WRITE, {"id": enrollment_id, **dates})


def _locked(enrollment_id: str) -> tuple:
    found = fetch_all(LOCK, {"id": enrollment_id})
    if not found:
        raise EnrollmentNotFound
    return found[0]
