"""What the room of offerings says when it refuses."""

from config.errors import Conflict, Forbidden, Invalid, NotFound


class OfferingNotFound(NotFound):
    code = "offering_not_found"

    def __init__(self) -> None:
        super().__init__("Unit offering not found")


class UnitVersionNotFound(NotFound):
    code = "unit_version_not_found"

    def __init__(self) -> None:
        super().__init__("Unit version not found")


class CourseIntakeNotFound(NotFound):
    code = "course_intake_not_found"

    def __init__(self) -> None:
        super().__init__("Course intake not found")


class LecturerNotFound(NotFound):
    code = "lecturer_not_found"

    def __init__(self) -> None:
        super().__init__("Lecturer not found")


class SemesterNotFound(NotFound):
    code = "semester_not_found"

    def __init__(self) -> None:
        super().__init__("Semester not found")


class CodeTaken(Conflict):
    code = "code_taken"

    def __init__(self, code: str) -> None:
        super().__init__(
            f"Unit offering with code '{code}' already exists", field="Code"
        )


class OfferingInUse(Conflict):
    """It has registrations or enrollments, so it cannot be deleted."""

    code = "offering_in_use"

    def __init__(self) -> None:
        super().__init__(
            "Cannot delete unit offering with enrolled students or existing "
            "assessments. Consider archiving instead."
        )


class OfferingHasRegistrations(Conflict):
    """What its registrations are on cannot be exchanged under them."""

    code = "offering_has_registrations"


class NoSuchSection(Invalid):
    """The section's id is none, or speaks of another term than the offering."""

    code = "no_such_section"


class SectionHasEnrollments(Conflict):
    """Enrollments bear the id of their section."""

    code = "section_has_enrollments"


class AnotherLecturers(Forbidden):
    """Who writes may write the offerings of one lecturer only."""

    code = "another_lecturers"

    def __init__(self) -> None:
        super().__init__("Only the lecturer of a unit offering may write it")


class TermNotFound(NotFound):
    code = "term_not_found"

    def __init__(self) -> None:
        super().__init__("Term not found")


class TermCodeTaken(Conflict):
    code = "code_taken"

    def __init__(self, code: str | None) -> None:
        super().__init__(f"Another term has the code '{code}'.", field="code")


class TermHasSections(Conflict):
    """Sections are named after their term."""

    code = "term_has_sections"

    def __init__(self) -> None:
        super().__init__(
            "There are sections, which bear the code of the term: it stays.",
            field="code",
        )


class NoSuchDates(Invalid):
    """The term would end before it begins, or its window would."""

    code = "no_such_dates"


class ReasonRequired(Invalid):
    """Why a term was closed or opened is always kept."""

    code = "reason_required"

    def __init__(self) -> None:
        super().__init__("Give a reason.", field="reason")


class GradesAlready(Conflict):
    """The term is closed, or open, already."""

    code = "grades_already"

    def __init__(self, state: str) -> None:
        super().__init__(f"The term is {state} for grades already.")
