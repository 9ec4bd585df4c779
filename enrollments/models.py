"""A person in a class section, with a role."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from config.columns import id_field
from config.history import tracked
from offerings.models import UnitOffering
from registrations.models import Registration
from students.models import Profile, Viewer


class EnrollmentQuerySet(models.QuerySet):
    def visible_to(self, viewer: Viewer):
        """Enrollments of people who exist for this viewer."""
        if viewer.sees_held:
            return self
        # The few who are held are excluded, rather than everyone else joined.
        return self.exclude(profile__in=Profile.objects.held())

    def matching(self, words: str):
        """Enrollments whose id begins so, or those of people so named."""
        people = Profile.objects.matching(words).first_ids()
        return self.filter(Q(pk__startswith=words) | Q(profile_id__in=people))


@tracked()
class Enrollment(models.Model):
    """A person in a section; its id is `{section id}-{netid}-{role}`.

    A student's points to the registration that carries the grade.
    """

    class Role(models.TextChoices):
        STUDENT = "student", "Student"
        INSTRUCTOR = "instructor", "Instructor"

    id = id_field(max_length=128, default=models.NOT_PROVIDED)
    offering = models.ForeignKey(
        UnitOffering, models.PROTECT, db_index=False, related_name="enrollments"
    )
    profile = models.ForeignKey(
        Profile, models.PROTECT, db_index=False, related_name="enrollments"
    )
    role = models.CharField(max_length=16, choices=Role.choices)
    registration = models.ForeignKey(
        Registration,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="enrollments",
    )
    assessment_submitted_at = models.DateTimeField(null=True, blank=True)
    assessment_opted_out_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        indexes = [
            # Each filter of the list leads to one of these, in the list's order;
            # with what it takes to leave some out without looking at the row.
            models.Index(
                fields=["id"], include=["profile", "offering"], name="enrollment_list"
            ),
            models.Index(
                fields=["offering", "id"],
                include=["profile"],
                name="enrollment_offering",
            ),
            models.Index(fields=["profile", "id"], name="enrollment_profile"),
            models.Index(
                fields=["role", "id"], include=["profile"], name="enrollment_role"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="enrollment_once_per_role",
                fields=["offering", "profile", "role"],
            ),
            models.CheckConstraint(
                name="enrollment_assessment_never_both",
                condition=Q(assessment_submitted_at__isnull=True)
                | Q(assessment_opted_out_at__isnull=True),
            ),
            models.CheckConstraint(
                name="enrollment_registration_is_a_students",
                condition=Q(registration__isnull=True) | Q(role="student"),
            ),
        ]

    def __str__(self) -> str:
        return self.pk

    @property
    def is_student(self) -> bool:
        return self.role == self.Role.STUDENT

    @property
    def course_assessment(self) -> tuple[datetime | None, datetime | None]:
        """When it was submitted and when opted out of; at most one is set."""
        return self.assessment_submitted_at, self.assessment_opted_out_at
