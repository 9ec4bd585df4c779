"""Who is registered on what, and with which grades."""

import pghistory
from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull
from django.utils import timezone

from config.columns import code_field, id_field
from config.history import tracked
from offerings.models import Course, CourseIntake, GradeColumn, Unit, UnitOffering
from offerings.models.catalogue import FINAL
from students.models import Profile, Viewer

NONE = Q(pk__in=())  # Django answers it without asking


class Outcome(models.TextChoices):
    """What a grade state means for the registration."""

    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    NONE = "none", "No outcome yet"


class GradeState(models.Model):
    """A state that grading can bring a registration to, such as `pass`."""

    name = id_field(default=models.NOT_PROVIDED, editable=True)
    label = models.CharField(max_length=200)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    is_default = models.BooleanField(
        default=False,
        help_text="The state that is set where only the outcome is known.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="grade_state_one_default_per_outcome",
                fields=["outcome"],
                condition=Q(is_default=True),
            ),
            models.CheckConstraint(
                name="grade_state_outcome_is_known",
                condition=Q(outcome__in=Outcome.values),
            ),
        ]

    def __str__(self) -> str:
        return self.label


def _has_final(**attributes: object) -> Exists:
    """Whether a registration has a final grade of which this holds."""
    grades = Grade.objects.filter(registration=OuterRef("pk"), column__name=FINAL)
    return Exists(grades.filter(**attributes))


class RegistrationQuerySet(models.QuerySet):
    def visible_to(self, viewer: Viewer):
        """Registrations of people who exist for this viewer."""
        return self if viewer.sees_held else self.filter(profile__is_confidential=False)

    def within_reach_of(self, staff):
        """Registrations that a member of staff may see.

        Whoever grades only what they teach sees those of their offerings, people
        under privacy hold among them.
        """
        own = Q(offering__lecturer__user=staff.user) if staff.grades_own else NONE
        if not staff.user.has_perm("registrations.view_registration"):
            return self.filter(own)
        if staff.sees_held:
            return self
        return self.filter(own | Q(profile__is_confidential=False))

    def matching(self, words: str):
        """The registration of that id, or those of people so named."""
        people = Profile.objects.matching(words).first_ids()
        return self.filter(Q(pk=words) | Q(profile_id__in=people))

    def of_offering(self, offering_id: str):
        return self.filter(offering_id=offering_id)

    def of_unit_and_intake(self, unit_id: str, intake_id: str):
        return self.filter(unit_id=unit_id, intake_id=intake_id)

    def for_sheet(self):
        """In the order of names, with what a grade sheet or a roster shows."""
        return (
            self.select_related("profile", "grade_state")
            .prefetch_related("grades")
            .order_by("profile__last_name", "profile__first_name", "profile_id", "pk")
        )

    def on_class_list(self):
        """In the order of names, those who are there; who was rejected is not."""
        present = self.exclude(state=Registration.State.REJECTED)
        return present.select_related("profile").order_by(
            "profile__last_name", "profile__first_name", "profile_id", "pk"
        )

    def progress(self):
        """By offering: how many are to be graded, and have a final grade."""
        final = Q(grades__column__name=FINAL, grades__value__isnull=False)
        return (
            self.exclude(state="rejected")
            .values("offering_id")
            .annotate(
                students=Count("id", distinct=True),
                graded=Count("id", distinct=True, filter=final),
            )
        )

    def with_final(self):
        """With the final grade of each as `finals`: a list of one, or of none."""
        finals = Grade.objects.filter(column__name=FINAL)
        return self.prefetch_related(Prefetch("grades", finals, to_attr="finals"))

    def without_final(self):
        """Those that are to have a final grade and have none."""
        return self.exclude(state=Registration.State.REJECTED).filter(
            ~_has_final(value__isnull=False)
        )

    def with_unpublished_final(self):
        """Those whose final grade waits to be published."""
        return self.filter(_has_final(value__isnull=False, published=False))

    def with_published_final(self):
        """Those whose final grade is published."""
        return self.filter(_has_final(published=True))

    def newest_first(self):
        return self.order_by("-created_at", "-pk")

    def locked(self):
        """Rows locked in the order of their ids, as every writer locks them."""
        return self.order_by("pk").select_for_update(of=("self",))

    def in_order(self):
        """In the order in which they were made."""
        return self.order_by("created_at", "pk")

    def latest_attempts(self):
        """Those that no retake has followed."""
        later = Registration.objects.filter(
            profile=OuterRef("profile"),
            unit=OuterRef("unit"),
            course=OuterRef("course"),
            attempt__gt=OuterRef("attempt"),
        ).filter(
            Q(intake=OuterRef("intake"))
            | Q(intake__isnull=True) & Q(IsNull(OuterRef("intake"), True))
        )
        return self.filter(~Exists(later))

    def unconditional(self):
        """Those that count: a conditional one does not until it is registered."""
        return self.exclude(state=Registration.State.CONDITIONAL)

    def of_status(self, status: str):
        """Those that stand there: active, passed, failed or ejected.

        See also rows.Row.status.
        """
        if status == "ejected":
            return self.filter(state=Registration.State.REJECTED)
        registered = self.filter(state=Registration.State.REGISTERED)
        if status == "active":
            undecided = Q(grade_state=None) | Q(grade_state__outcome=Outcome.NONE)
            return registered.filter(undecided, ended_at__isnull=True)
        return registered.filter(grade_state__outcome=status)

    def of_context(self, *context_ids: str):
        """Those on any of these intakes or courses, or on an intake of these."""
        return self.filter(Q(intake__in=context_ids) | Q(course__in=context_ids))


@tracked(
    obj_field=pghistory.ObjForeignKey(db_index=False),
    meta={
        "indexes": [
            models.Index(
                fields=["pgh_obj", "pgh_created_at"], name="registration_event_of"
            )
        ]
    },
)
class Registration(models.Model):
    """One attempt of a profile at a unit, within a context.

    The context is the course intake, or the course itself where `intake` is
    empty. `ended_at` is when an outcome or an ejection was first set.
    """

    class State(models.TextChoices):
        REGISTERED = "registered", "Registered"
        CONDITIONAL = "conditional", "Conditional"
        REJECTED = "rejected", "Rejected (ejected)"

    id = id_field()
    # Profile, unit and offering each begin an index of their own below.
    profile = models.ForeignKey(
        Profile, models.PROTECT, db_index=False, related_name="registrations"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, db_index=False, related_name="registrations"
    )
    course = models.ForeignKey(
        Course,
        models.PROTECT,
        related_name="registrations",
        help_text="The course of the intake, or the course registered on.",
    )
    intake = models.ForeignKey(
        CourseIntake,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="registrations",
    )
    attempt = models.PositiveSmallIntegerField(default=1)
    offering = models.ForeignKey(
        UnitOffering,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="registrations",
    )
    state = models.CharField(
        max_length=16, choices=State.choices, default=State.REGISTERED
    )
    grade_state = models.ForeignKey(
        GradeState,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # grade entry writes it: an index would end HOT updates
        related_name="registrations",
    )
    awarded = models.BooleanField(
        null=True, blank=True, help_text="Empty: by the rule (credit where passed)."
    )
    notes = models.TextField(blank=True, default="")
    feedback = models.TextField(blank=True, default="")
    grader_id = code_field(null=True, blank=True)
    began_at = models.DateTimeField(null=True, blank=True)
    last_active_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ejected_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        permissions = [
            ("grade_own", "Can see and grade registrations of offerings they teach"),
            ("grade_late", "Can change grades of a closed term, with a reason"),
            ("publish_grades", "Can publish and unpublish grades"),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="registration_created"),
            models.Index(
                fields=["profile", "created_at", "id"], name="registration_profile"
            ),
            models.Index(fields=["unit", "created_at", "id"], name="registration_unit"),
            models.Index(
                fields=["offering", "created_at", "id"], name="registration_offering"
            ),
            models.Index(
                fields=["began_at", "created_at", "id"], name="registration_began"
            ),
            models.Index(
                fields=["last_active_at", "created_at", "id"],
                name="registration_last_active",
            ),
            models.Index(
                fields=["ended_at", "created_at", "id"], name="registration_ended"
            ),
            models.Index(
                fields=["created_at", "id"],
                name="registration_active",
                condition=Q(ended_at__isnull=True),
            ),
            models.Index(
                fields=["created_at", "id"],
                name="registration_ejected",
                condition=Q(state="rejected"),
            ),
            models.Index(
                fields=["created_at", "id"],
                name="registration_conditional",
                condition=Q(state="conditional"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="registration_once_per_attempt",
                fields=["profile", "unit", "course", "intake", "attempt"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="registration_state_is_known",
                condition=Q(state__in=["registered", "conditional", "rejected"]),
            ),
            models.CheckConstraint(
                name="registration_rejected_is_ejected",
                condition=Q(state="rejected", ejected_at__isnull=False)
                | (~Q(state="rejected") & Q(ejected_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="registration_attempt_from_one", condition=Q(attempt__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.pk

    @property
    def context_id(self) -> str:
        """The id of the intake, or of the course, that it is on."""
        return self.intake_id or self.course_id


class GradeQuerySet(models.QuerySet):
    def final_of_record(self):
        """The published final grades, each with the value that counts as
        `value_of_record`. See also Grade.of_record."""
        return self.filter(column__name=FINAL, published=True).annotate(
            value_of_record=Coalesce("resit_value", "value")
        )


# The history of a registration shows that of its grades beside its own.
@tracked(
    obj_field=pghistory.ObjForeignKey(db_index=False),
    meta={
        "indexes": [
            models.Index(
                fields=["registration", "pgh_created_at"], name="grade_event_of"
            )
        ]
    },
)
class Grade(models.Model):
    """The value of one grade column for one registration."""

    registration = models.ForeignKey(
        Registration, models.PROTECT, db_index=False, related_name="grades"
    )
    column = models.ForeignKey(
        GradeColumn, models.PROTECT, db_index=False, related_name="grades"
    )
    value = models.TextField(null=True, blank=True)  # noqa: DJ001 (null: no grade)
    published = models.BooleanField(default=False)
    comment = models.TextField(null=True, blank=True)  # noqa: DJ001
    resit_value = models.TextField(null=True, blank=True)  # noqa: DJ001
    resit_justification = models.TextField(null=True, blank=True)  # noqa: DJ001
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = GradeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="grade_once_per_column", fields=["registration", "column"]
            ),
            models.CheckConstraint(
                name="grade_published_has_a_value",
                condition=Q(published=False) | Q(value__isnull=False),
            ),
            models.CheckConstraint(
                name="grade_value_is_not_blank",
                condition=Q(value__isnull=True) | ~Q(value=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.column_id} of {self.registration_id}"

    @property
    def of_record(self) -> str | None:
        """The grade that counts: the resit's where there is one.

        See also GradeQuerySet.final_of_record.
        """
        return self.value if self.resit_value is None else self.resit_value
