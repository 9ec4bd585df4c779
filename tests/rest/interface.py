"""An interface of its own for testing the base view: notes on a student."""

import psycopg
from django.db import connection
from django.urls import path

from access.callers import Caller
from access.scopes import REGISTRATIONS_READ, REGISTRATIONS_WRITE
from config.errors import Conflict, Invalid, NotFound
from config.prepared import fetch_all
from config.rest.dialects import Dialect
from config.rest.fields import StrictString
from config.rest.queries import TEXT
from config.rest.responses import Response
from config.rest.routes import endpoint
from config.rest.serializers import StrictSerializer
from config.rest.views import InterfaceView, unknown_url
from students.models import Profile


class NotesDialect(Dialect):
    name = "notes"
    prefixes = ("/notes",)

    def body(self, fault):
        return {"error": fault.code, "message": fault.message, "field": fault.field}


NOTES = NotesDialect()


def end_connection() -> None:
    """End this thread's connection behind its back, as a restart does."""
    raw = connection.connection.info
    password = connection.settings_dict.get("PASSWORD")
    with psycopg.connect(raw.dsn, password=password) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [raw.backend_pid])


class ProfileSerializer(StrictSerializer):
    first_name = StrictString(max_length=20)


class NoteView(InterfaceView):
    """One student's first name, as a record that can be read and changed."""

    dialect = NOTES
    required_scopes = {
        "retrieve": (REGISTRATIONS_READ,),
        "update": (REGISTRATIONS_WRITE,),
        "create": (REGISTRATIONS_WRITE,),
        "count": (),
        "lose": (),
        "fail": (),
    }
    query = {"retrieve": {"colour": TEXT}}
    if_match = {"update"}

    def find(self, request, pk=None):
        if pk is not None:
            self.profile = self.of(request.caller, pk)

    def of(self, caller: Caller, pk: str) -> Profile:
        found = Profile.objects.visible_to(caller).filter(pk=pk).first()
        if found is None:
            raise NotFound("No such note.")
        return found

    def shown(self):
        return {"id": self.profile.pk, "first_name": self.profile.first_name}

    def retrieve(self, request, pk):
        self.release([pk])
        return self.tagged(Response(self.shown()), version=self.profile.version)

    def update(self, request, pk):
        body = ProfileSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        self.profile.first_name = body.validated_data["first_name"]
        if self.profile.first_name == "Taken":
            raise Conflict("Somebody has that name.", field="first_name")
        self.profile.save(update_fields=["first_name"])
        self.release([pk])
        return self.tagged(Response(self.shown()), version=self.profile.version)

    def create(self, request):
        self.profile = Profile.objects.create(first_name="New", last_name="Person")
        response = Response(self.shown(), 201)
        response["Location"] = f"/notes/{self.profile.pk}"
        return response

    def count(self, request):
        return Response(fetch_all("SELECT * FROM note_count", []))

    def lose(self, request):
        response = self.create(request)
        end_connection()
        return response

    def fail(self, request):
        raise {"invalid": Invalid("No."), "bug": RuntimeError("bug")}[
            request.query_params["how"]
        ]


urlpatterns = [
    *endpoint("notes/failing", NoteView, get="fail"),
    *endpoint("notes/count", NoteView, get="count"),
    *endpoint("notes/lost", NoteView, post="lose"),
    *endpoint("notes", NoteView, post="create"),
    *endpoint("notes/<str:pk>", NoteView, get="retrieve", put="update"),
    path("<path:rest>", unknown_url),
]
