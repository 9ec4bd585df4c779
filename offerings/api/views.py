from collections.abc import Mapping

from drf_spectacular.utils import extend_schema

from access.scopes import ADMIN, LECTURER, STUDENT
from config.errors import Invalid
from config.rest.bodies import NotJson
from config.rest.bounded import bounded
from config.rest.found_pages import UNINDEXED_SECONDS
from config.rest.pagination import Keyset, limit_of, link_to_next
from config.rest.requests import Request
from config.rest.responses import Response
from config.rest.views import InterfaceView
from offerings import operations
from offerings.api import answers, schemas
from offerings.api.errors import UNIT_OFFERINGS
from offerings.api.filters import (
    DEFAULT_LIMIT,
    MOST,
    PARAMETERS,
    is_indexed,
    narrowed,
)
from offerings.api.serializers import OfferingSerializer
from offerings.errors import LecturerNotFound, OfferingNotFound
from offerings.models import Lecturer, UnitOffering, UnitOfferingQuerySet

STAFF = (ADMIN, LECTURER)
WRITES_OF_ONE = {"partial_update", "destroy"}
BY_CODE = Keyset("code")
JSON = "application/json"


class NoChange(Invalid):
    """A body that says nothing that could be done."""

    code = "no_change"


class OfferingsList(InterfaceView):
    """A page of offerings, narrowed down as the query asks."""

    dialect = UNIT_OFFERINGS
    query = {"list": PARAMETERS}

    def listed(self, request: Request, offerings: UnitOfferingQuerySet) -> Response:
        offerings = narrowed(offerings, request.query_params)
        with bounded(None if is_indexed(request.query_params) else UNINDEXED_SECONDS):
            total = offerings.count()
            page = BY_CODE.page(
                offerings.values(*answers.COLUMNS),
                limit=limit_of(request, default=DEFAULT_LIMIT, most=MOST),
                cursor=request.query_params.get("cursor"),
            )
        rows = answers.with_counts(page.rows, request.caller)
        body = {
            "message": "Unit offerings retrieved successfully",
            "total": total,
            "offerings": [answers.whole(row) for row in rows],
        }
        return Response(body, headers=link_to_next(request, page))


class OfferingsView(OfferingsList):
    """Unit offerings: who teaches what, to whom and when."""

    required_roles = {
        "list": STAFF,
        "create": STAFF,
        "retrieve": (ADMIN, LECTURER, STUDENT),
        "partial_update": STAFF,
        "destroy": (ADMIN,),
    }
    if_match = WRITES_OF_ONE

    def find(self, request: Request, pk: str = "", **kwargs: str) -> None:
        if self.action == "retrieve":
            self.row = answers.detailed_row(pk, request.caller)
        if self.action not in WRITES_OF_ONE:
            return
        offering = UnitOffering.objects.filter(pk=pk).first()
        if offering is None:
            raise OfferingNotFound
        if self.action == "partial_update":
            operations.check_lecturer(offering, request.caller.only_of_lecturer)

    def parse(self, request: Request) -> None:
        """Raises NoChange in the published words for what is no update at all."""
        verb = "create" if self.action == "create" else "update"
        try:
            is_change = isinstance(request.data, Mapping) and request.data
        except NotJson:
            is_change = False
        if not is_change:
            raise NoChange(f"Failed to {verb} unit offering")

    @extend_schema(responses={200: schemas.LIST})
    def list(self, request: Request) -> Response:
        return self.listed(request, UnitOffering.objects.all())

    @extend_schema(responses={200: schemas.FOUND})
    def retrieve(self, request: Request, pk: str) -> Response:
        response = Response(answers.found(self.row))
        return self.tagged(response, version=self.row["version"])

    @extend_schema(request={JSON: schemas.NEW}, responses={201: schemas.WRITTEN})
    def create(self, request: Request) -> Response:
        body = OfferingSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        offering = operations.create_offering(
            change=body.change, only_of_lecturer=request.caller.only_of_lecturer
        )
        response = self.written(offering, "Unit offering created successfully", 201)
        response["Location"] = f"/api/v1/unit-offerings/{offering.pk}"
        return response

    @extend_schema(request={JSON: schemas.CHANGE}, responses={200: schemas.WRITTEN})
    def partial_update(self, request: Request, pk: str) -> Response:
        body = OfferingSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        offering = operations.change_offering(
            offering_id=pk,
            change=body.change,
            expected_versions=self.expected_versions,
            only_of_lecturer=request.caller.only_of_lecturer,
        )
        return self.written(offering, "Unit offering updated successfully", 200)

    @extend_schema(responses={200: schemas.DELETED})
    def destroy(self, request: Request, pk: str) -> Response:
        operations.delete_offering(
            offering_id=pk, expected_versions=self.expected_versions
        )
        message = "Unit offering deleted successfully"
        return Response({"message": message, "success": True})

    def written(self, offering: UnitOffering, message: str, status: int) -> Response:
        row = answers.detailed_row(offering.pk, self.request.caller)
        body = {"message": message, "success": True, "offering": answers.whole(row)}
        response = Response(body, status)
        return self.tagged(response, version=row["version"], body=answers.found(row))


class LecturersOfferingsView(OfferingsList):
    """The offerings of one lecturer, as the list of all shows them."""

    required_roles = {"list": STAFF}

    def find(self, request: Request, lecturer_id: str = "", **kwargs: str) -> None:
        if not Lecturer.objects.filter(pk=lecturer_id).exists():
            raise LecturerNotFound

    @extend_schema(responses={200: schemas.LIST})
    def list(self, request: Request, lecturer_id: str) -> Response:
        return self.listed(request, UnitOffering.objects.of_lecturer(lecturer_id))
