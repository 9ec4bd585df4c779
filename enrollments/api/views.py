from drf_spectacular.utils import extend_schema

from access.scopes import (
    ENROLLMENTS_READ,
    ENROLLMENTS_READ_SENSITIVE,
    ENROLLMENTS_WRITE,
)
from config.rest.filters import described
from config.rest.found_pages import PARAMETERS, found_page
from config.rest.renderers import array
from config.rest.requests import Request
from config.rest.responses import Response
from config.rest.views import InterfaceView
from enrollments.api import rows
from enrollments.api.errors import ENROLLMENTS
from enrollments.api.filters import EnrollmentFilters
from enrollments.api.schemas import ENROLLMENT, ENROLLMENTS_PAGE, PAYLOAD
from enrollments.api.serializers import AssessmentSerializer
from enrollments.errors import EnrollmentNotFound
from enrollments.models import Enrollment
from tasks.api.accepting import AcceptingView
from tasks.api.schemas import ACCEPTED, SHORT_TASK


class EnrollmentsView(InterfaceView):
    """Who is in which section, as a found set."""

    dialect = ENROLLMENTS
    required_scopes = {"list": (ENROLLMENTS_READ,)}
    query = {"list": PARAMETERS | described(EnrollmentFilters.base_filters)}

    @extend_schema(responses={200: ENROLLMENTS_PAGE})
    def list(self, request: Request) -> Response:
        page = found_page(request, "enrollments", self.filters)
        self.query = {"list": page.parameters}
        found = rows.read(page.ids, request.caller)
        if rows.sees_sensitive(request.caller):
            self.release(row.profile_id for row in found)
        return page.response(array(row.json for row in found))

    def filters(self) -> EnrollmentFilters:
        caller = self.request.caller
        return EnrollmentFilters(
            self.request.query_params,
            Enrollment.objects.visible_to(caller).order_by("id"),
            is_sensitive_shown=rows.sees_sensitive(caller),
        )


class EnrollmentView(AcceptingView):
    """One enrollment, and its course assessment, which a task sets."""

    dialect = ENROLLMENTS
    required_scopes = {
        "retrieve": (ENROLLMENTS_READ,),
        "partial_update": (
            ENROLLMENTS_READ,
            ENROLLMENTS_READ_SENSITIVE,
            ENROLLMENTS_WRITE,
        ),
    }

    enrollment: rows.Shown

    def find(self, request: Request, pk: str = "", **kwargs: str) -> None:
        found = rows.read([pk], request.caller)
        if not found:
            raise EnrollmentNotFound
        (self.enrollment,) = found
        if rows.sees_sensitive(request.caller):
            self.release([self.enrollment.profile_id])

    @extend_schema(responses={200: ENROLLMENT})
    def retrieve(self, request: Request, pk: str) -> Response:
        response = Response(self.enrollment.json.encode())
        return self.tagged(response, version=self.enrollment.version)

    @extend_schema(
        request={"application/json": PAYLOAD},
        responses={200: SHORT_TASK, 202: ACCEPTED},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        AssessmentSerializer(data=request.data).is_valid(raise_exception=True)
        return self.accept(
            resource="enrollments",
            action="PATCH",
            resource_id=pk,
            about=self.enrollment.profile_id,
        )
