"""What can be taught: courses, their intakes, units, versions and columns."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import ExpressionWrapper, Q

from config.columns import code_field, id_field
from offerings.models.scales import Scale

FINAL = "final"  # the name of the column that holds a unit's final grade


class Course(models.Model):
    """A course of study: it groups units and takes in cohorts."""

    id = id_field()
    code = code_field(unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CourseIntake(models.Model):
    """A cohort of a course ("class of")."""

    id = id_field()
    course = models.ForeignKey(Course, models.PROTECT, related_name="intakes")
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class Lecturer(models.Model):
    """A person who teaches offerings; `user` is their login to the admin."""

    id = id_field()
    netid = code_field(null=True, blank=True, unique=True)
    first_name = models.CharField(max_length=150)
    last_name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="lecturer",
    )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class Unit(models.Model):
    """The thing that is taught and graded."""

    id = id_field()
    course = models.ForeignKey(Course, models.PROTECT, related_name="units")
    code = code_field(unique=True)
    title = models.CharField(max_length=200)
    passing_grade = models.DecimalField(
        max_digits=9,
        decimal_places=6,
        default=50,
        help_text="In percent of the final column; an offering may say another.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="unit_passing_grade_is_a_percentage",
                condition=Q(passing_grade__range=(0, 100)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class GradeColumnQuerySet(models.QuerySet):
    def of_unit(self, unit_id: str):
        """The columns of a unit in their order, `final` last."""
        is_final = ExpressionWrapper(Q(name=FINAL), models.BooleanField())
        return self.filter(unit_id=unit_id).order_by(is_final, "position", "id")


class GradeColumn(models.Model):
    """One grade that a unit gives, with its scale.

    Every unit has a column named `final`; other names begin with `__`.
    """

    id = id_field()
    unit = models.ForeignKey(
        Unit, models.PROTECT, db_index=False, related_name="grade_columns"
    )
    name = code_field()
    label = models.CharField(max_length=200)
    scale = models.CharField(
        max_length=16, choices=Scale.choices, default=Scale.CONTINUOUS
    )
    maximum = models.DecimalField(
        max_digits=16,
        decimal_places=6,
        null=True,
        blank=True,
        help_text="Of a continuous scale; of a discrete one, its largest number.",
    )
    allowed = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        help_text="The numbers of a discrete scale, or the labels.",
    )
    position = models.PositiveSmallIntegerField(
        default=0, help_text="Order among the columns; `final` is always last."
    )

    objects = GradeColumnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="grade_column_name_once_per_unit", fields=["unit", "name"]
            ),
            models.CheckConstraint(
                name="grade_column_name_is_final_or_custom",
                condition=Q(name=FINAL) | Q(name__startswith="__"),
            ),
            models.CheckConstraint(
                name="grade_column_scale_is_whole",
                condition=Q(scale=Scale.CONTINUOUS, maximum__gt=0, allowed__len=0)
                | Q(scale=Scale.DISCRETE, maximum__gt=0, allowed__len__gt=0)
                | Q(scale=Scale.LABELS, maximum__isnull=True, allowed__len__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_final(self) -> bool:
        return self.name == FINAL


class UnitVersion(models.Model):
    """A unit as it is taught from some time on."""

    id = id_field()
    unit = models.ForeignKey(
        Unit, models.PROTECT, db_index=False, related_name="versions"
    )
    version_number = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="unit_version_number_once_per_unit",
                fields=["unit", "version_number"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version_number})"
