"""When teaching happens."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from config.columns import code_field, id_field
from config.history import tracked


class TermQuerySet(models.QuerySet):
    def in_session(self, today: date | None = None):
        """Terms that hold today. See also Term.is_in_session."""
        today = today or timezone.localdate()
        return self.filter(starts_on__lte=today, ends_on__gte=today)

    def upcoming(self, today: date | None = None):
        """Terms that have not begun."""
        return self.filter(starts_on__gt=today or timezone.localdate())

    def over(self, today: date | None = None):
        """Terms that have ended."""
        return self.filter(ends_on__lt=today or timezone.localdate())

    def active(self, today: date | None = None):
        """Terms that hold today or are open for registration.

        See also Term.is_active.
        """
        today = today or timezone.localdate()
        return self.filter(
            Q(starts_on__lte=today, ends_on__gte=today)
            | Q(registration_opens_on__lte=today, registration_closes_on__gte=today)
        )


@tracked()
class Term(models.Model):
    """A term (semester): the dates between which offerings are taught."""

    id = id_field()
    code = code_field(
        null=True, blank=True, unique=True, help_text="The SIS code, such as 202301."
    )
    name = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField()
    registration_opens_on = models.DateField(null=True, blank=True)
    registration_closes_on = models.DateField(null=True, blank=True)
    grades_closed_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when grades may only be changed late."
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = TermQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["starts_on", "ends_on"], name="term_dates"),
        ]
        constraints = [
            models.CheckConstraint(
                name="term_ends_after_it_starts",
                condition=Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="term_window_has_both_ends",
                condition=Q(
                    registration_opens_on__isnull=True,
                    registration_closes_on__isnull=True,
                )
                | Q(registration_closes_on__gte=F("registration_opens_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.code or self.name

    @property
    def is_in_session(self) -> bool:
        """Whether today is within the term. See also TermQuerySet.in_session."""
        return self.starts_on <= timezone.localdate() <= self.ends_on

    @property
    def is_active(self) -> bool:
        """Whether the term holds today or is open for registration.

        See also TermQuerySet.active.
        """
        return self.is_in_session or self.is_open_for_registration

    @property
    def is_open_for_registration(self) -> bool:
        """Whether today is inside the registration window, where there is one."""
        opens, closes = self.registration_opens_on, self.registration_closes_on
        if opens is None or closes is None:
            return False
        return opens <= timezone.localdate() <= closes

    @property
    def is_closed_for_grades(self) -> bool:
        return self.grades_closed_at is not None
