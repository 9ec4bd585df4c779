"""What the enrollments room says when it refuses."""

from config.errors import Conflict, Invalid, NotFound


class EnrollmentNotFound(NotFound):
    """No enrollment has the id, or it is hidden from who asks."""

    code = "enrollment_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such enrollment.")


class BothDatesGiven(Invalid):
    """A course assessment is submitted or opted out of, never both."""

    code = "both_dates_given"

    def __init__(self) -> None:
        super().__init__(
            "Payload is invalid, contains values for both submit_date and "
            "opt_out_date.",
            field="course_assessment",
        )


class NotAStudent(Conflict):
    """Only a student's enrollment has a course assessment."""

    code = "not_a_student"

    def __init__(self, role: str) -> None:
        super().__init__(
            f"Enrollment is of the role {role}, only a student has a course "
            "assessment.",
            field="role",
        )
