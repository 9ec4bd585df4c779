"""Who may call, what has been shown to whom, and which answers are kept."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_otp.models import Device, ThrottlingMixin

from access.codes import SECOND_FACTOR, code_generator, is_right_code
from access.keys import digest_of
from access.scopes import LECTURER, ROLES
from access.sealing import CannotOpen, open_sealed
from config.columns import code_field, id_field
from config.history import tracked


class Status(models.TextChoices):
    """Whether a client or a key may be used. Expiry is told by its date."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    REVOKED = "revoked", "Revoked"


class ClientQuerySet(models.QuerySet):
    def locked(self):
        """Rows locked in the order of their ids, as every writer locks them."""
        return self.order_by("pk").select_for_update(of=("self",))

    def of_issuer(self, issuer: str, issuer_client_id: str):
        """The client that an outside identity provider knows by that id."""
        return self.filter(issuer=issuer, issuer_client_id=issuer_client_id)


@tracked()
class Client(models.Model):
    """An external system that may call the interfaces.

    What it acts as is kept as plain ids: access knows no students.
    """

    id = id_field()
    name = models.CharField(max_length=200)
    contact = models.CharField(max_length=254, blank=True, help_text="An e-mail.")
    purpose = models.CharField(
        max_length=500,
        blank=True,
        help_text="What it needs records for; written beside each disclosure.",
    )
    scopes = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    role = models.CharField(
        max_length=16, blank=True, choices=[(role, role) for role in ROLES]
    )
    rate_limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="Requests a minute. Empty: default. 0: none."
    )
    status = models.CharField(
        max_length=16, choices=Status.choices, default=Status.ACTIVE
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    subject = code_field(blank=True, default="", help_text="The netid it acts as.")
    profile_id = code_field(blank=True, default="")
    lecturer_id = code_field(blank=True, default="")
    issuer = models.CharField(
        max_length=300, blank=True, help_text="The identity provider of its tokens."
    )
    issuer_client_id = models.CharField(
        max_length=300, blank=True, help_text="Its `azp` or `client_id` there."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ClientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="client_of_issuer",
                fields=["issuer", "issuer_client_id"],
                condition=~Q(issuer=""),
                violation_error_message=(
                    "Another client is registered for this issuer and client id."
                ),
            ),
            models.CheckConstraint(
                name="client_issuer_with_id",
                violation_error_message=(
                    "An issuer and the client's id there go together."
                ),
                condition=Q(issuer="", issuer_client_id="")
                | ~Q(issuer="") & ~Q(issuer_client_id=""),
            ),
            models.CheckConstraint(
                name="client_role", condition=Q(role__in=["", *ROLES])
            ),
            models.CheckConstraint(
                name="client_status", condition=Q(status__in=Status.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"

    @property
    def sub(self) -> str:
        """Whom its tokens name: the netid that it acts as, else itself."""
        return self.subject or self.pk

    @property
    def standing(self) -> str:
        """Its status in a word, "expired" where its date has come."""
        return standing_of(self)

    @property
    def only_of_lecturer(self) -> str | None:
        """The lecturer whose offerings alone it may write; None: no such limit.

        As it is registered: a token that carries no role is bound by it too.
        """
        return (self.lecturer_id or None) if self.role == LECTURER else None

    def is_usable_at(self, moment: datetime) -> bool:
        return self.status == Status.ACTIVE and not is_past(self.expires_at, moment)


class KeyQuerySet(models.QuerySet):
    def locked(self):
        """Rows locked in the order of their ids, as every writer locks them."""
        return self.order_by("pk").select_for_update(of=("self",))

    def unused_since(self, moment):
        return self.filter(Q(last_used_at=None) | Q(last_used_at__lt=moment))


@tracked(exclude=["digest", "last_used_at"])
class Key(models.Model):
    """One secret of a client: shown once, found by prefix, known by digest."""

    id = id_field()
    client = models.ForeignKey(Client, models.PROTECT, related_name="keys")
    prefix = code_field(max_length=16, unique=True, editable=False)
    digest = models.BinaryField(max_length=32, editable=False)
    note = models.CharField(max_length=200, blank=True)
    status = models.CharField(
        max_length=16, choices=Status.choices, default=Status.ACTIVE
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = KeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="key_status", condition=Q(status__in=Status.values)
            ),
        ]

    def __str__(self) -> str:
        return f"sk-{self.prefix}"

    @property
    def standing(self) -> str:
        """Its status in a word, "expired" where its date has come."""
        return standing_of(self)

    def is_usable_at(self, moment: datetime) -> bool:
        return self.status == Status.ACTIVE and not is_past(self.expires_at, moment)


class SigningKey(models.Model):
    """A key pair that signs tokens, or did and is honoured until they end."""

    id = id_field()  # the `kid` of its tokens
    algorithm = models.CharField(max_length=8)
    private_key = models.BinaryField()  # sealed: see access.sealing
    public_key = models.JSONField()  # a JWK, as published
    signs = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    honoured_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="signing_key_one_signs", fields=["signs"], condition=Q(signs=True)
            ),
            models.CheckConstraint(
                name="signing_key_signs_or_ends",
                condition=Q(signs=True, honoured_until=None)
                | Q(signs=False, honoured_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.pk


class IdempotencyRecord(models.Model):
    """The answer that a client gets again when it repeats a request's key."""

    client_id = code_field()
    key = code_field(max_length=255)
    fingerprint = models.CharField(max_length=64)  # of method, path, query and body
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    profile_ids = ArrayField(  # whose records the answer shows: a replay is logged
        models.CharField(max_length=64), default=list
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="idempotency_once_per_client", fields=["client_id", "key"]
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.key}"


class DisclosureQuerySet(models.QuerySet):
    def of_profile(self, profile_id: str):
        """Who has seen this person's record, newest first."""
        return self.filter(profile_ids__contains=[profile_id]).order_by("-pk")


class Disclosure(models.Model):
    """One answer that released, or one request that wrote, people's records."""

    at = models.DateTimeField(default=timezone.now)
    client_id = code_field(blank=True, default="")
    sub = code_field(blank=True, default="", max_length=254)
    staff = models.CharField(max_length=150, blank=True, default="")
    door = models.CharField(max_length=64)
    what = models.CharField(max_length=64)
    purpose = models.CharField(max_length=500, blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    profile_ids = ArrayField(models.CharField(max_length=64))

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="disclosure_names_who",
                condition=~Q(client_id="") | ~Q(staff=""),
            ),
        ]
        indexes = [
            GinIndex(fields=["profile_ids"], name="disclosure_profiles"),
            models.Index(fields=["at"], name="disclosure_age"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.client_id or self.staff}"


class SecondFactor(ThrottlingMixin, Device):
    """What a member of staff shows besides the password when signing in.

    The secret of their authenticator is sealed; of the recovery codes, each good
    for once, only digests are kept. A wrong code doubles the wait for the next.
    """

    sealed_key = models.BinaryField(editable=False)
    last_step = models.BigIntegerField(default=-1, editable=False)  # no code twice
    recovery_digests = ArrayField(models.CharField(max_length=64), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="second_factor_of_user", fields=["user"]),
        ]

    def get_throttle_factor(self) -> int:
        return 1  # second, to begin with

    def verify_token(self, token: str) -> bool:
        """Whether the code is right; it is spent then. The row must be locked."""
        if not self.verify_is_allowed()[0]:
            return False
        is_right = self._spend_recovery_code(token) or self._spend_code(token)
        if is_right:
            self.throttle_reset(commit=False)
            self.save()
        else:
            self.throttle_increment()
        return is_right

    def _spend_code(self, token: str) -> bool:
        try:
            key = open_sealed(self.sealed_key, purpose=SECOND_FACTOR)
        except CannotOpen:  # SECRET_KEY is another: only recovery codes are left
            return False
        generator = code_generator(key)
        if not is_right_code(generator, token, after=self.last_step):
            return False
        self.last_step = generator.t()
        return True

    def _spend_recovery_code(self, token: str) -> bool:
        digest = digest_of(token).hex()
        if digest not in self.recovery_digests:
            return False
        self.recovery_digests.remove(digest)
        return True


def is_past(moment: datetime | None, now: datetime) -> bool:
    """Whether a date that may be missing has come."""
    return moment is not None and moment <= now


def standing_of(row: Client | Key) -> str:
    is_expired = is_past(row.expires_at, timezone.now())
    return "expired" if row.status == Status.ACTIVE and is_expired else row.status
