"""Everything that changes an enrollment."""

from datetime import datetime

from django.utils import timezone

from config.transactions import joining
from enrollments.errors import BothDatesGiven, EnrollmentNotFound, NotAStudent
from enrollments.models import Enrollment

COURSE_ASSESSMENT = (
    "assessment_submitted_at",
    "assessment_opted_out_at",
    "version",
    "updated_at",
)


@joining
def set_course_assessment(
    *,
    enrollment_id: str,
    submit_date: datetime | None,
    opt_out_date: datetime | None,
) -> Enrollment:
    """Set both dates of a student's course assessment; both None clear it.

    Raises EnrollmentNotFound, BothDatesGiven or NotAStudent.
    """
    enrollment = Enrollment.objects.locked().filter(pk=enrollment_id).first()
    if enrollment is None:
        raise EnrollmentNotFound
    if submit_date and opt_out_date:
        raise BothDatesGiven
    if not enrollment.is_student:
        raise NotAStudent(enrollment.role)
    if enrollment.course_assessment != (submit_date, opt_out_date):
        enrollment.assessment_submitted_at = submit_date
        enrollment.assessment_opted_out_at = opt_out_date
        enrollment.version += 1
        enrollment.updated_at = timezone.now()
        enrollment.save(update_fields=COURSE_ASSESSMENT)
    return enrollment
