from drf_spectacular.utils import extend_schema

from access.scopes import STUDENTS_READ_SENSITIVE, STUDENTS_WRITE_SENSITIVE
from config.rest.filters import described
from config.rest.found_pages import PARAMETERS, found_page
from config.rest.renderers import array
from config.rest.requests import Request
from config.rest.responses import Response
from config.rest.views import InterfaceView
from offerings.models import Term
from students.api import rows
from students.api.errors import STUDENTS
from students.api.filters import StudentFilters
from students.api.schemas import CODES, PAYLOAD, STUDENT, STUDENTS_PAGE, TERMS
from students.api.serializers import StudentSerializer
from students.errors import StudentNotFound
from students.models import DplanCode, DplanSource, Profile
from tasks.api.accepting import AcceptingView
from tasks.api.schemas import ACCEPTED, FULL_TASK


class StudentsView(InterfaceView):
    """Students with their D-Plans, as a found set."""

    dialect = STUDENTS
    required_scopes = {"list": (STUDENTS_READ_SENSITIVE,)}
    query = {"list": PARAMETERS | described(StudentFilters.base_filters)}

    @extend_schema(responses={200: STUDENTS_PAGE})
    def list(self, request: Request) -> Response:
        page = found_page(request, "students", self.filters)
        self.query = {"list": page.parameters}
        found = rows.read(page.ids, request.caller)
        self.release(row.profile_id for row in found)
        return page.response(array(row.json for row in found))

    def filters(self) -> StudentFilters:
        people = Profile.objects.listed().visible_to(self.request.caller)
        return StudentFilters(self.request.query_params, people.order_by("id"))


class StudentView(AcceptingView):
    """One student, and their D-Plans, which a task sets by term."""

    dialect = STUDENTS
    required_scopes = {
        "retrieve": (STUDENTS_READ_SENSITIVE,),
        "partial_update": (STUDENTS_WRITE_SENSITIVE, STUDENTS_READ_SENSITIVE),
    }

    student: rows.Shown

    def find(self, request: Request, netid: str = "", **kwargs: str) -> None:
        found = rows.find(netid, request.caller)
        if found is None:
            raise StudentNotFound
        self.student = found
        self.release([found.profile_id])

    @extend_schema(responses={200: STUDENT})
    def retrieve(self, request: Request, netid: str) -> Response:
        response = Response(self.student.json.encode())
        return self.tagged(response, version=self.student.version)

    @extend_schema(
        request={"application/json": PAYLOAD}, responses={200: FULL_TASK, 202: ACCEPTED}
    )
    def partial_update(self, request: Request, netid: str) -> Response:
        StudentSerializer(data=request.data).is_valid(raise_exception=True)
        return self.accept(
            resource="students",
            action="PATCH",
            resource_id=netid,
            about=self.student.profile_id,
        )


class DplansView(InterfaceView):
    """What a student can do in a term."""

    dialect = STUDENTS
    required_scopes = {"list": ()}

    @extend_schema(responses={200: CODES})
    def list(self, request: Request) -> Response:
        return Response([*DplanCode.objects.order_by("id").values(*CODE_COLUMNS)])


class DplanSourcesView(InterfaceView):
    """Who can decide a D-Plan."""

    dialect = STUDENTS
    required_scopes = {"list": ()}

    @extend_schema(responses={200: CODES})
    def list(self, request: Request) -> Response:
        return Response([*DplanSource.objects.order_by("id").values(*CODE_COLUMNS)])


class TermsView(InterfaceView):
    """The terms that have a SIS code, by which D-Plans name them."""

    dialect = STUDENTS
    required_scopes = {"list": ()}

    @extend_schema(responses={200: TERMS})
    def list(self, request: Request) -> Response:
        terms = Term.objects.filter(code__isnull=False).order_by("code")
        return Response([term_shown(term) for term in terms])


CODE_COLUMNS = ("id", "name", "is_active")


def term_shown(term: Term) -> dict:
    return {
        "id": term.code,
        "name": term.name,
        "is_active": term.is_active,
        "start_date": term.starts_on,
        "end_date": term.ends_on,
        "registration_start_date": term.registration_opens_on,
        "registration_end_date": term.registration_closes_on,
    }
