import re
from datetime import UTC, datetime, timedelta

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError

from access.scopes import (
    REGISTRATIONS_HISTORY,
    REGISTRATIONS_READ,
    REGISTRATIONS_WRITE,
)
from config.errors import DomainError, Invalid
from config.rest.pagination import Keyset, Page, limit_of, link_to_next, whole_number
from config.rest.preferences import reason_of
from config.rest.queries import CURSOR, FLAG, page_size, whole
from config.rest.requests import Request
from config.rest.responses import Response
from config.rest.views import READS, InterfaceView
from registrations import history, record
from registrations.api.profile_registrations import answers, bodies, schemas
from registrations.api.profile_registrations.errors import PROFILE_REGISTRATIONS
from registrations.api.profile_registrations.filters import (
    PARAMETERS,
    narrowed,
    shows_courses,
)
from registrations.api.profile_registrations.versions import check_version
from registrations.changes import Change, GradeChange, Result, Target, Writer
from registrations.errors import (
    AmbiguousContext,
    NotRegistered,
    ProfileNotFound,
    UnknownUnit,
)
from registrations.models import Registration
from registrations.operations import apply_changes
from students.models import Profile

JSON = "application/json"
OLDEST_FIRST = Keyset("created_at", "id")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
MICROSECONDS = re.compile("[0-9]{1,18}")
DEFAULT_LIMIT, MOST = 100, 1_000
PAGE = {"limit": page_size(default=DEFAULT_LIMIT, most=MOST), "cursor": CURSOR}
ALL_OR_NOTHING = {"all_or_nothing": FLAG}
FARTHEST = 1_000_000_000  # that `skip` leaps; no roster is that long


class RegistrationsView(InterfaceView):
    """What every call under /apis has in common."""

    dialect = PROFILE_REGISTRATIONS

    def find(self, request: Request, **kwargs: str) -> None:
        self.locate(request, **kwargs)
        check_version(request)

    def locate(self, request: Request, **kwargs: str) -> None:
        """Raise NotFound unless what the URL names exists for the caller."""

    @property
    def invalid_status(self) -> int:
        """A body that breaks a rule is 422, a query that does so 400."""
        return 400 if self.request.method in READS else 422

    @property
    def writer(self) -> Writer:
        reason = reason_of(self.request)
        return Writer.of(self.request.caller, reason=reason)

    def written(self, results: list[Result]) -> Response:
        """Answer what came of each item: 200 if all went well, else 207."""
        shown = [result.registration for result in results if result.registration]
        self.release(row.profile_id for row in shown)
        self.release(
            result.error.profile_id
            for result in results
            if isinstance(result.error, AmbiguousContext)
        )
        status = 200 if len(shown) == len(results) else 207
        return Response(answers.outcomes(results), status)

    def all_or_nothing(self) -> bool:
        value = self.request.query_params.get("all_or_nothing", "false")
        if value not in ("true", "false"):
            raise ParseError("all_or_nothing must be true or false.")
        return value == "true"


class ProfileView(RegistrationsView):
    """The registrations of one profile."""

    required_scopes = {
        "list": (REGISTRATIONS_READ,),
        "create": (REGISTRATIONS_WRITE,),
        "partial_update": (REGISTRATIONS_WRITE,),
    }
    query = {
        "list": PARAMETERS,
        "create": ALL_OR_NOTHING,
        "partial_update": ALL_OR_NOTHING,
    }

    def locate(self, request: Request, profile_id: str = "", **kwargs: str) -> None:
        visible = Profile.objects.visible_to(request.caller)
        if not visible.filter(pk=profile_id).exists():
            raise ProfileNotFound("There is no such profile.", field="profile_id")

    def parse(self, request: Request) -> None:
        self.items = bodies.read_profile_body(request)

    @extend_schema(responses={200: schemas.LIST})
    def list(self, request: Request, profile_id: str) -> Response:
        registrations = narrowed(
            Registration.objects.filter(profile=profile_id).latest_attempts(),
            request.query_params,
        )
        ids = [*registrations.in_order().values_list("pk", flat=True)]
        self.release([profile_id] if ids else [])
        courses = shows_courses(request.query_params)
        return Response(answers.listed(ids, request.caller, courses=courses))

    @extend_schema(
        request={JSON: schemas.PROFILE_BODY},
        responses={200: schemas.OUTCOMES, 207: schemas.OUTCOMES},
    )
    def create(self, request: Request, profile_id: str) -> Response:
        return self.apply(profile_id, creates=True)

    @extend_schema(
        request={JSON: schemas.PROFILE_BODY},
        responses={200: schemas.OUTCOMES, 207: schemas.OUTCOMES},
    )
    def partial_update(self, request: Request, profile_id: str) -> Response:
        return self.apply(profile_id, creates=False)

    def apply(self, profile_id: str, *, creates: bool) -> Response:
        changes = [_change(item, profile_id, creates) for item in self.items]
        results = apply_changes(
            changes, writer=self.writer, all_or_nothing=self.all_or_nothing()
        )
        return self.written(results)


class RosterView(RegistrationsView):
    """The registrations on one unit."""

    required_scopes = {
        "list": (REGISTRATIONS_READ,),
        "partial_update": (REGISTRATIONS_WRITE,),
    }
    query = {
        "list": {**PAGE, "skip": whole(default=0)},
        "partial_update": ALL_OR_NOTHING,
    }

    def locate(self, request: Request, unit_id: str = "", **kwargs: str) -> None:
        _check_unit(unit_id)

    def parse(self, request: Request) -> None:
        self.body = bodies.read_roster_body(request)

    @extend_schema(responses={200: schemas.LIST})
    def list(self, request: Request, unit_id: str) -> Response:
        roster = Registration.objects.filter(unit=unit_id).latest_attempts()
        page = OLDEST_FIRST.page(
            roster.visible_to(request.caller).values("id", "created_at"),
            limit=limit_of(request, default=DEFAULT_LIMIT, most=MOST),
            cursor=request.query_params.get("cursor"),
            skip=min(whole_number(request, "skip", default=0), FARTHEST),
        )
        shown = answers.listed([row["id"] for row in page.rows], request.caller)
        self.release(registration["profile_id"] for registration in shown)
        return Response(shown, headers=link_to_next(request, page, "skip"))

    @extend_schema(
        request={JSON: schemas.ROSTER_BODY},
        responses={200: schemas.OUTCOMES, 207: schemas.OUTCOMES},
    )
    def partial_update(self, request: Request, unit_id: str) -> Response:
        results = apply_changes(
            [_entry(item, unit_id) for item in self.body.registrations],
            writer=self.writer,
            all_or_nothing=self.all_or_nothing(),
            send_notifications=self.body.send_notifications,
        )
        return self.written(results)


class GradesView(RegistrationsView):
    """One grade of one profile on a unit."""

    required_scopes = {"create": (REGISTRATIONS_WRITE,)}
    fields = {"grades[0].value": "grade_value", "grades[0].name": "grade_name"}

    def locate(self, request: Request, unit_id: str = "", **kwargs: str) -> None:
        _check_unit(unit_id)

    def parse(self, request: Request) -> None:
        self.body = bodies.read_grade_body(request)

    @extend_schema(
        request={JSON: schemas.GRADE_BODY}, responses={200: schemas.REGISTRATION}
    )
    def create(self, request: Request, unit_id: str) -> Response:
        target = Target(unit_id=unit_id, profile_id=self.body.profile_id)
        grade = GradeChange(self.body.grade_name, self.body.grade_value)
        change = Change(target=target, grades=[grade])
        (result,) = apply_changes([change], writer=self.writer)
        if isinstance(result.error, AmbiguousContext):
            self.release([self.body.profile_id])
            return self.handle_exception(result.error)  # answered, not undone
        if result.error:
            raise self.renamed(result.error)
        (outcome,) = answers.outcomes([result])
        self.release([outcome["json"]["profile_id"]])
        return Response(outcome["json"])

    def renamed(self, error: DomainError) -> DomainError:
        """Name what is at fault as this body does."""
        error.field = self.fields.get(error.field or "", error.field)
        return error


class HistoryView(RegistrationsView):
    """Who changed a registration, when, by which door, and from what to what."""

    required_scopes = {"list": (REGISTRATIONS_HISTORY,)}
    query = {"list": PAGE}

    def locate(self, request: Request, pk: str = "", **kwargs: str) -> None:
        visible = Registration.objects.visible_to(request.caller).filter(pk=pk)
        self.registration = visible.only("id", "profile").first()
        if self.registration is None:
            raise NotRegistered("There is no such registration.", field="id")

    @extend_schema(responses={200: schemas.HISTORY})
    def list(self, request: Request, pk: str) -> Response:
        limit = limit_of(request, default=DEFAULT_LIMIT, most=MOST)
        before = _moment(request.query_params.get("cursor"))
        found = history.entries(
            registration_id=pk, before=before, limit=limit + 1, viewer=request.caller
        )
        self.release([self.registration.profile_id])
        shown = [answers.entry(entry) for entry in found[:limit]]
        more = str(_microseconds(found[limit - 1].at)) if len(found) > limit else None
        return Response(shown, headers=link_to_next(request, Page(shown, next=more)))


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _moment(cursor: str | None) -> datetime:
    """The moment before which a page of history begins. Raises Invalid."""
    if cursor is None:
        return END_OF_TIME
    try:
        if MICROSECONDS.fullmatch(cursor):
            return EPOCH + timedelta(microseconds=int(cursor))
    except OverflowError:
        pass
    raise Invalid("The cursor is not one that this list gave.", field="cursor")


def _check_unit(unit_id: str) -> None:
    if not record.has_unit(unit_id):
        raise UnknownUnit("There is no such unit.", field="unit_id")


def _change(
    item: bodies.ProfileItem | DomainError, profile_id: str, creates: bool
) -> Change | DomainError:
    if isinstance(item, DomainError):
        return item
    return item.change(
        Target(
            profile_id=profile_id,
            unit_id=item.unit_id,
            context_id=item.context_id,
            creates=creates,
        )
    )


def _entry(item: bodies.RosterItem | DomainError, unit_id: str) -> Change | DomainError:
    if isinstance(item, DomainError):
        return item
    named = {
        name: value
        for name in ("registration_id", "profile_id")
        if (value := getattr(item, name))
    }
    if len(named) != 1:
        return Invalid(
            "Name the registration by registration_id or by profile_id.",
            field="registration_id",
        )
    return item.change(Target(unit_id=unit_id, **named))
