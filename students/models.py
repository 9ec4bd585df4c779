"""Students, and where each is in each term (their D-Plans)."""

from typing import Protocol

from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate
from django.utils import timezone

from config.columns import code_field, id_field
from config.history import tracked
from offerings.models import CourseIntake, Term


class Viewer(Protocol):
    """Who looks: a caller of an interface, or a person in the admin."""

    @property
    def sees_held(self) -> bool: ...


class ProfileQuerySet(models.QuerySet):
    def visible_to(self, viewer: Viewer):
        """Profiles that exist for this viewer. See also Profile.is_visible_to."""
        return self if viewer.sees_held else self.filter(is_confidential=False)

    def held(self):
        """People under privacy hold."""
        return self.filter(is_confidential=True)

    def listed(self):
        """People who have a netid, by which the students interface names them."""
        return self.filter(netid__isnull=False)

    def locked(self):
        """Rows locked in the order of their ids, as every writer locks them."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def matching(self, words: str):
        """People whose id it is, or whose netid or name begins so.

        A name is written "last", "first last" or "last, first".
        """
        last, first = _last_and_first(words)
        named = Q(last_name__istartswith=last, first_name__istartswith=first)
        return self.filter(Q(pk=words) | Q(netid__startswith=words.lower()) | named)

    def first_ids(self, most: int = 200) -> list[str]:
        """Ids of the first of them, for a query that is to use an index on them.

        People under privacy hold come last, so that they take nobody's place.
        """
        ordered = self.order_by("is_confidential", "pk")
        return [*ordered.values_list("pk", flat=True)[:most]]


def _last_and_first(words: str) -> tuple[str, str]:
    if "," in words:
        last, _, first = words.partition(",")
    else:
        first, _, last = words.rpartition(" ")
    return last.strip(), first.strip()


@tracked()
class Profile(models.Model):
    """A person: a student, or an instructor who holds an enrollment."""

    id = id_field()
    netid = code_field(null=True, blank=True, unique=True)
    first_name = models.CharField(max_length=150)
    last_name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)
    is_confidential = models.BooleanField(
        "under privacy hold",
        default=False,
        help_text="As if absent for whoever may not see people under hold.",
    )
    class_year = models.PositiveSmallIntegerField(null=True, blank=True)
    intake = models.ForeignKey(
        CourseIntake, models.PROTECT, null=True, blank=True, related_name="profiles"
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        permissions = [("see_held", "Can see people under privacy hold")]
        indexes = [
            models.Index(fields=["last_name", "first_name"], name="profile_name"),
            # Each filter of the students list, in the order of the list; by bytes,
            # so that prefixes and ranges are the same on every server.
            models.Index(
                fields=["id"],
                include=["is_confidential"],
                condition=Q(netid__isnull=False),
                name="profile_listed",
            ),
            models.Index(
                fields=["id"], condition=Q(is_confidential=True), name="profile_held"
            ),
            models.Index(Collate("first_name", "C"), "id", name="profile_first_name"),
            models.Index(Collate("last_name", "C"), "id", name="profile_last_name"),
            models.Index(Collate("email", "C"), "id", name="profile_email"),
            models.Index(
                fields=["class_year", "id"],
                include=["is_confidential"],
                condition=Q(netid__isnull=False),
                name="profile_class_year",
            ),
            # `profile_last_name_begins`, for `istartswith`, is in a migration.
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name} ({self.netid or self.pk})"

    def is_visible_to(self, viewer: Viewer) -> bool:
        """Whether this person exists for the viewer.

        See also ProfileQuerySet.visible_to.
        """
        return viewer.sees_held or not self.is_confidential


@tracked()
class LegalHold(models.Model):
    """That nothing about a person may be removed, however old it is, and why.

    It is no privacy hold: who sees the person stays as it was.
    """

    profile = models.OneToOneField(
        Profile, models.PROTECT, primary_key=True, related_name="legal_hold"
    )
    reason = models.CharField(max_length=500)
    placed_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"legal hold of {self.profile_id}"


class DplanCode(models.Model):
    """What a student does in a term, such as `R` Resident."""

    id = id_field(max_length=16, default=models.NOT_PROVIDED, editable=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"


class DplanSource(models.Model):
    """Who decided a D-Plan, such as `PHL` Registrar Action."""

    id = id_field(max_length=16, default=models.NOT_PROVIDED, editable=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"


class DplanQuerySet(models.QuerySet):
    def visible_to(self, viewer: Viewer):
        """D-Plans of people who exist for this viewer."""
        return self if viewer.sees_held else self.filter(profile__is_confidential=False)


@tracked()
class Dplan(models.Model):
    """What one student does in one term, and who decided it."""

    id = id_field()
    # Each of these four begins an index of its own below.
    profile = models.ForeignKey(
        Profile, models.PROTECT, db_index=False, related_name="dplans"
    )
    term = models.ForeignKey(
        Term, models.PROTECT, db_index=False, related_name="dplans"
    )
    code = models.ForeignKey(
        DplanCode, models.PROTECT, db_index=False, related_name="dplans"
    )
    source = models.ForeignKey(
        DplanSource, models.PROTECT, db_index=False, related_name="dplans"
    )
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DplanQuerySet.as_manager()

    class Meta:
        indexes = [
            # The filters `dplans.*` of the students list.
            models.Index(fields=["term", "code", "profile"], name="dplan_term_code"),
            models.Index(fields=["code", "profile"], name="dplan_code"),
            models.Index(fields=["source", "profile"], name="dplan_source"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="dplan_once_per_term", fields=["profile", "term"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term}: {self.code}"
