"""What is taught: a unit version, to an intake, by a lecturer, in a term."""

from typing import Protocol

from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Collate
from django.utils import timezone

from config.columns import code_field, id_field
from config.history import tracked
from offerings.models.calendar import Term
from offerings.models.catalogue import CourseIntake, Lecturer, UnitVersion


class Viewer(Protocol):
    """Who looks: a caller of an interface, or a person in the admin."""

    @property
    def sees_held(self) -> bool: ...


class UnitOfferingQuerySet(models.QuerySet):
    def locked(self):
        """Rows locked in the order of their ids, as every writer locks them."""
        return self.order_by("pk").select_for_update(of=("self",))

    def of_lecturer(self, lecturer_id: str):
        return self.filter(lecturer_id=lecturer_id)

    def matching(self, words: str):
        """The offering of that id, or those whose code or section id begins so."""
        begins = Q(code__startswith=words) | Q(section_id__startswith=words)
        return self.filter(Q(pk=words) | begins)

    def for_sheet(self):
        """With what a grade sheet, a roster or a list of them says."""
        return self.select_related(
            "unit_version__unit", "semester", "lecturer", "course_intake"
        )

    def within_reach_of(self, staff):
        """Offerings that a member of staff may see: all, or those they teach."""
        if staff.user.has_perm("offerings.view_unitoffering"):
            return self
        return (
            self.filter(lecturer__user=staff.user) if staff.grades_own else self.none()
        )

    def with_code_like(self, part: str):
        """Offerings whose code holds this, in any case of any script's letters."""
        # Codes compare by bytes, where only ASCII letters have cases.
        return self.alias(words=Collate("code", "default")).filter(
            words__icontains=part
        )

    def with_students_count(self, viewer: Viewer):
        """Adds `students_count`: the people on each whom this viewer may see.

        Somebody who was ejected is no longer one of them; a retake is no other
        person.
        """
        counted = ~Q(registrations__state="rejected")
        if not viewer.sees_held:
            counted &= Q(registrations__profile__is_confidential=False)
        people = Count("registrations__profile", distinct=True, filter=counted)
        return self.annotate(students_count=people)


@tracked()
class UnitOffering(models.Model):
    """A unit version taught to a course intake by a lecturer in a semester.

    A section is an offering that has a `section_id`, which reads
    `{subject}.{number}.{section}-{term}-{part of term}-{crn}`.
    """

    id = id_field()
    code = code_field(unique=True, max_length=255)
    # Each of these four begins an index of its own below.
    unit_version = models.ForeignKey(
        UnitVersion, models.PROTECT, db_index=False, related_name="offerings"
    )
    course_intake = models.ForeignKey(
        CourseIntake, models.PROTECT, db_index=False, related_name="offerings"
    )
    lecturer = models.ForeignKey(
        Lecturer, models.PROTECT, db_index=False, related_name="offerings"
    )
    semester = models.ForeignKey(
        Term, models.PROTECT, db_index=False, related_name="offerings"
    )
    personalized_outline = models.TextField(null=True, blank=True)  # noqa: DJ001
    student_groupings_enabled = models.BooleanField(default=False)
    section_id = code_field(max_length=96, null=True, blank=True, unique=True)
    part_of_term = code_field(max_length=8, blank=True, default="")
    allows_retakes = models.BooleanField(default=False)
    registration_opens_at = models.DateTimeField(null=True, blank=True)
    registration_closes_at = models.DateTimeField(null=True, blank=True)
    passing_grade = models.DecimalField(
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        help_text="In percent; empty: the unit's.",
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UnitOfferingQuerySet.as_manager()

    class Meta:
        indexes = [
            # Each filter of the list, in the order of the list.
            models.Index(fields=["course_intake", "code"], name="offering_intake_code"),
            models.Index(fields=["lecturer", "code"], name="offering_lecturer_code"),
            models.Index(fields=["semester", "code"], name="offering_semester_code"),
            models.Index(fields=["unit_version", "code"], name="offering_version_code"),
        ]
        constraints = [
            models.CheckConstraint(
                name="offering_passing_grade_is_a_percentage",
                condition=Q(passing_grade__isnull=True)
                | Q(passing_grade__range=(0, 100)),
            ),
            models.CheckConstraint(
                name="offering_window_closes_after_it_opens",
                condition=Q(registration_opens_at__isnull=True)
                | Q(registration_closes_at__isnull=True)
                | Q(registration_closes_at__gte=F("registration_opens_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_open_for_registration(self) -> bool:
        """Whether now is inside the window; an end that is empty is open."""
        opens, closes = self.registration_opens_at, self.registration_closes_at
        now = timezone.now()
        return (opens is None or opens <= now) and (closes is None or now <= closes)

    @property
    def has_registrations(self) -> bool:
        """Whether anybody is registered on it, people under hold included."""
        return self.registrations.exists()

    @property
    def has_enrollments(self) -> bool:
        """Whether anybody is enrolled in it, people under hold included."""
        return self.enrollments.exists()
