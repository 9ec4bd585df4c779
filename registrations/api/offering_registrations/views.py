from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from access.scopes import REGISTRATIONS_READ, REGISTRATIONS_WRITE
from config.errors import Invalid, NotFound
from config.rest.bounded import bounded
from config.rest.pagination import (
    Keyset,
    Page,
    limit_of,
    url_with,
    whole_number,
)
from config.rest.preferences import preference, reason_of
from config.rest.requests import Request
from config.rest.responses import Response
from config.rest.views import InterfaceView
from registrations import operations
from registrations.api.offering_registrations import answers, schemas
from registrations.api.offering_registrations.errors import OFFERING_REGISTRATIONS
from registrations.api.offering_registrations.filters import (
    DEFAULT_LIMIT,
    LARGEST_OFFSET,
    MOST,
    PARAMETERS,
    is_indexed,
    narrowed,
)
from registrations.api.offering_registrations.serializers import (
    NewRegistrationSerializer,
    RegistrationChangeSerializer,
)
from registrations.changes import Writer
from registrations.models import Registration

BY_CREATION = Keyset("created_at", "id")
UNINDEXED_SECONDS = 2
JSON = "application/json"
EMPTY = OpenApiResponse(description="Done; the body is empty.")
PREFER = OpenApiParameter(
    "Prefer",
    str,
    OpenApiParameter.HEADER,
    description="return=representation: answer with the registration.",
)


class RegistrationNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such registration.")


class OfferingRegistrationsView(InterfaceView):
    """Registrations into offerings, as course delivery sees them."""

    dialect = OFFERING_REGISTRATIONS
    required_scopes = {
        "list": (REGISTRATIONS_READ,),
        "retrieve": (REGISTRATIONS_READ,),
        "create": (REGISTRATIONS_WRITE,),
        "update": (REGISTRATIONS_WRITE,),
    }
    query = {"list": PARAMETERS}
    if_match = {"update"}

    def find(self, request: Request, pk: str | None = None) -> None:
        if pk is not None:
            self.found = answers.shown_by_id([pk], request.caller).get(pk)
            if self.found is None:
                raise RegistrationNotFound

    @extend_schema(responses={200: schemas.LIST})
    def list(self, request: Request) -> Response:
        limit = limit_of(request, default=DEFAULT_LIMIT, most=MOST)
        page, offset = self.page(request, limit)
        found = answers.shown_by_id([row["id"] for row in page.rows], request.caller)
        rows = [found[row["id"]] for row in page.rows if row["id"] in found]
        self.release(row.profile_id for row, _ in rows)
        results = [answers.shown(row, unit) for row, unit in rows]
        return Response({"results": results, **_links(request, page, limit, offset)})

    @extend_schema(responses={200: schemas.REGISTRATION})
    def retrieve(self, request: Request, pk: str) -> Response:
        row, unit = self.found
        self.release([row.profile_id])
        return self.tagged(Response(answers.shown(row, unit)), version=row.version)

    @extend_schema(
        request={JSON: schemas.NEW},
        responses={201: schemas.REGISTRATION},
        parameters=[PREFER],
    )
    def create(self, request: Request) -> Response:
        body = NewRegistrationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        made = operations.register(**body.validated_data, writer=self.writer)
        response = self.written(made.id, empty=201, whole=201)
        response["Location"] = f"{request.path.rstrip('/')}/{made.id}"
        return response

    @extend_schema(
        request={JSON: schemas.CHANGE},
        responses={204: EMPTY, 200: schemas.REGISTRATION},
        parameters=[PREFER],
    )
    def update(self, request: Request, pk: str) -> Response:
        body = RegistrationChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        change = body.change(pk, self.expected_versions)
        operations.apply_change(change, writer=self.writer)
        return self.written(pk, empty=204, whole=200)

    def page(self, request: Request, limit: int) -> tuple[Page, int]:
        """Find the page, by its cursor or else by its offset; return both."""
        query = request.query_params
        cursor = query.get("cursor")
        offset = whole_number(request, "offset", default=0)
        if cursor is None and offset > LARGEST_OFFSET:
            raise Invalid(
                f"offset must be at most {LARGEST_OFFSET}; follow `next` beyond.",
                field="offset",
            )
        rows = Registration.objects.visible_to(request.caller).unconditional()
        rows = narrowed(rows, query).values("id", "created_at")
        with bounded(None if is_indexed(query) else UNINDEXED_SECONDS):
            skip = 0 if cursor else offset
            page = BY_CREATION.page(rows, limit=limit, cursor=cursor, skip=skip)
        return page, offset

    def written(self, pk: str, *, empty: int, whole: int) -> Response:
        """Answer for one registration, with it where it was asked for."""
        row, unit = answers.shown_by_id([pk], self.request.caller)[pk]
        self.release([row.profile_id])
        body = answers.shown(row, unit)
        if preference(self.request, "return") == "representation":
            applied = {"Preference-Applied": "return=representation"}
            response = Response(body, whole, headers=applied)
        else:
            response = Response(None, empty)
        return self.tagged(response, version=row.version, body=body)

    @property
    def writer(self) -> Writer:
        return Writer.of(self.request.caller, reason=reason_of(self.request))


def _links(request: Request, page: Page, limit: int, offset: int) -> dict[str, Any]:
    """Links carry the offset for people and the cursor for the index."""
    steps = {
        "next": (page.next, offset + limit),
        "prev": (page.previous, max(0, offset - limit)),
        "previous": (page.previous, max(0, offset - limit)),
    }
    return {
        name: url_with(request, limit=str(limit), offset=str(at), cursor=cursor)
        for name, (cursor, at) in steps.items()
        if cursor is not None
    }
