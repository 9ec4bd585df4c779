"""No interface shows a trace of a person under privacy hold.

Every request is made twice: with such a person in the record, and with all of that
person's rows gone. A caller without the scope must get the same bytes both times,
for the same statements.
"""

import json
import re
from typing import NamedTuple

import pytest
from django.db import connection, transaction
from django.test import Client as Http
from django.test.utils import CaptureQueriesContext

from access import recognition
from access.callers import Caller
from access.endpoints import endpoints
from access.scopes import ADMIN, PEOPLE_PRIVATE, SCOPES
from access.tokens import issue
from config.demo.record import F002QT1
from enrollments.models import Enrollment
from registrations.models import Grade, Registration
from students.models import Dplan, Profile
from tasks.models import Task
from tasks.operations import submit
from tests.access.factories import ClientFactory, KeyFactory, make_secret
from tests.interfaces import held as held_person

pytestmark = pytest.mark.django_db

NETID = "f0hold1"
REGISTRATION = "65e6e5aaf398a642a7022ab7"
SECTION = "AAAS.010.01-202001-U-10188"
ENROLLMENT = f"{SECTION}-{NETID}-student"
OFFERING = "5cddb466b68a450c3b10aaaa"
UNIT = "6385baad976a7719120008e3"
INTAKE = "6385bcf1976a77191200ba5d"
TASK = "63f384e0edba4dc38df70324"
HELD = "%held%"  # stands for the profile id, which the demo record makes up

# Whatever may lead to the held person, or to what holds them among others.
NAMES = [HELD, NETID, REGISTRATION, ENROLLMENT, OFFERING, UNIT, TASK]
VALUES = [
    HELD,
    NETID,
    REGISTRATION,
    OFFERING,
    f"{SECTION}-f0h*",
    "f0*",
    "*",
    "Dale",
    "2",
]

# About the request itself, or the client's limit: the same person or not.
PASSING = {"X-Request-Id", "Link", "RateLimit", "RateLimit-Policy"}


# In a statement: names of savepoints, ids that are made, moments.
MADE_ANEW = re.compile(
    r'"s\d+_x\d+"|\b[0-9a-f]{24,}\b|\b[0-9a-f-]{36}\b'
    r"|\d{4}-\d\d-\d\d[ T][\d:.+]+(::timestamptz)?|\\x[0-9a-f]+"
)

LISTS = {endpoint.path for endpoint in endpoints() if "{" not in endpoint.path}
LISTS |= {f"/apis/registrations/units/{UNIT}/registrations"}


class Request(NamedTuple):
    method: str
    path: str
    body: str = ""  # JSON
    header: tuple[str, str] = ("", "")

    def __str__(self) -> str:
        return f"{self.method} {self.path} {':'.join(self.header)}"


def looks() -> list[Request]:
    """Every GET there is, of every name, and every list with every filter."""
    views = {
        (endpoint.view, endpoint.action): endpoint
        for endpoint in endpoints()
        if endpoint.method == "GET" and not endpoint.is_public
    }
    return [
        Request("GET", address + query)
        for endpoint in views.values()
        for address in addresses_of(endpoint.path)
        for query in ["", *(queries_of(endpoint) if address in LISTS else [])]
    ]


def addresses_of(path: str) -> list[str]:
    head, brace, rest = path.partition("{")
    tail = rest.partition("}")[2]
    return [f"{head}{name}{tail}" for name in NAMES] if brace else [path]


def queries_of(endpoint) -> list[str]:
    names = sorted(endpoint.view.query.get(endpoint.action, ()))
    return [f"?{name}={value}" for name in names for value in VALUES]


GRADED = {"unit_id": UNIT, "context_id": INTAKE, "grade_state_name": "pass"}
BY_REGISTRATION = {"registration_id": REGISTRATION, "grade_state_name": "pass"}
BY_PROFILE = {"profile_id": HELD, "grade_state_name": "pass"}
FINAL = {"profile_id": HELD, "grade_name": "final", "grade_value": 90}
DPLAN = {"term_code": "202301", "dplan_id": "R", "dplan_source_id": "PHL"}
DATES = {"submit_date": "2024-01-01T00:00:00Z", "opt_out_date": None}
DC = "/dc/api/v5/registrations"
OF_PROFILE = f"/apis/registrations/profiles/{HELD}/registrations"
OF_UNIT = f"/apis/registrations/units/{UNIT}/registrations"


def write(method: str, path: str, **body) -> Request:
    return Request(method, f"{path}?dry_run=true", json.dumps(body))


# Writes that name the held person; none is really done.
WRITES = [
    write("PATCH", f"/api/students/{NETID}", dplans=[DPLAN]),
    write("PATCH", f"/api/academic/enrollments/{ENROLLMENT}", course_assessment=DATES),
    write("PUT", f"{DC}/{REGISTRATION}", grade=90),
    write("PUT", f"{DC}/{REGISTRATION}", status="ejected"),
    write("POST", DC, userId=HELD, offeringId=OFFERING),
    write("PATCH", OF_PROFILE, registrations=[GRADED]),
    write("POST", OF_PROFILE, registrations=[GRADED]),
    write("PATCH", OF_UNIT, registrations=[BY_REGISTRATION, BY_PROFILE]),
    write("POST", f"/apis/units/units/{UNIT}/grades", **FINAL),
    write("DELETE", f"/api/tasks/{TASK}"),
]

# Whom an address may name, by how it begins. The others hold them among others.
NAMED = {
    "/apis/registrations/profiles/": HELD,
    "/apis/registrations/registrations/": REGISTRATION,
    "/api/academic/enrollments/": ENROLLMENT,
    "/api/students/": NETID,
    "/api/tasks/": TASK,
    "/api/v5/registrations/": REGISTRATION,
    "/dc/api/v5/registrations/": REGISTRATION,
}
OF_MANY = ("/api/v1/unit-offerings/", "/apis/registrations/units/", "/apis/units/")

HEADERS = [
    ("If-Match", '"1-0"'),
    ("If-None-Match", "*"),
    ("Idempotency-Key", "one"),
    ("Prefer", "wait=1"),
    ("Prefer", "return=representation"),
]


def details() -> list[Request]:
    """Every address that names the person, with what may go before its 404."""
    return [
        Request(endpoint.method, address_of(endpoint.path) + query, "{}", header)
        for endpoint in endpoints()
        if "{" in endpoint.path and not endpoint.path.startswith(OF_MANY)
        for query, header in [
            ("", ("", "")),
            ("?dry_run=true", ("", "")),
            *(("", header) for header in HEADERS),
        ]
    ]


def address_of(path: str) -> str:
    (name,) = (NAMED[begin] for begin in NAMED if path.startswith(begin))
    head, tail = path.partition("{")[0], path.partition("}")[2]
    return f"{head}{name}{tail}"


REQUESTS = [*looks(), *WRITES, *details()]


class Answer(NamedTuple):
    status: int
    headers: dict
    body: bytes
    statements: list[str]


@pytest.fixture(scope="module")
def held(demo_record, django_db_blocker) -> Profile:
    """A person under hold, with everything that a record can have."""
    with django_db_blocker.unblock():
        profile = Profile.objects.get(netid=NETID)
        Dplan.objects.create(
            profile=profile, term_id=term_id(), code_id="R", source_id="PHL"
        )
        registration = Registration.objects.get(pk=REGISTRATION)
        column = registration.unit.grade_columns.get(name="final")
        Grade.objects.create(
            registration=registration, column=column, value="91", published=True
        )
    return profile


def term_id() -> str:
    return Enrollment.objects.get(pk=ENROLLMENT).offering.semester_id


def secret_of(scopes) -> str:
    client = ClientFactory(scopes=list(scopes), role=ADMIN)
    return make_secret(client=client)


def http_of(secret) -> Http:
    return Http(headers={"Authorization": f"Bearer {secret}"})


def ask(http: Http, request: Request, profile_id: str) -> Answer:
    path, body = (part.replace(HELD, profile_id) for part in request[1:3])
    headers = dict([request.header] if request.header[0] else [])
    with CaptureQueriesContext(connection) as queries:
        response = http.generic(
            request.method, path, body, "application/json", headers=headers
        )
    kept = {k: v for k, v in response.headers.items() if k not in PASSING}
    # What is prepared has no text here.
    texts = [MADE_ANEW.sub("", query["sql"] or "") for query in queries]
    return Answer(response.status_code, kept, response.content, texts)


def ask_all(http: Http, profile_id: str) -> dict[Request, Answer]:
    return {request: ask(http, request, profile_id) for request in REQUESTS}


def erase(profile: Profile) -> None:
    """Take every row of the person out of the record."""
    Task.objects.filter(resource_id__in=[NETID, ENROLLMENT]).delete()
    Enrollment.objects.filter(profile=profile).delete()
    Grade.objects.filter(registration__profile=profile).delete()
    Registration.objects.filter(profile=profile).delete()
    Dplan.objects.filter(profile=profile).delete()
    Profile.objects.filter(pk=profile.pk).delete()


@pytest.fixture(scope="module")
def task(held, django_db_blocker) -> None:
    """Somebody else asked for a change of that person."""
    with django_db_blocker.unblock():
        submit(
            task_id=TASK,
            resource="students",
            action="PATCH",
            resource_id=NETID,
            payload=json.dumps({"dplans": [DPLAN]}),
            caller=Caller(client_id="another", sub="another"),
            about=held.pk,
        )


@pytest.fixture(scope="module")
def answers(held, task, django_db_blocker):
    """To each request, the answer with that person and the one without."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(recognition, "REMEMBERED", 3600)  # asks nothing meanwhile
        http = http_of(secret_of(set(SCOPES) - {PEOPLE_PRIVATE}))
        ask(http, REQUESTS[0], held.pk)  # the caller is known from here on
        present = ask_all(http, held.pk)
        with transaction.atomic():
            erase(held)
            absent = ask_all(http, held.pk)
            transaction.set_rollback(True)
    return {request: (present[request], absent[request]) for request in REQUESTS}


@pytest.mark.parametrize("request_", REQUESTS, ids=map(str, REQUESTS))
def test_it_says_the_same_where_there_is_no_such_person(answers, request_):
    present, absent = answers[request_]
    assert present == absent
    assert present.status < 500


def test_it_shows_them_to_who_may_see_them(held, task, db):
    http = http_of(secret_of(SCOPES))
    shown = [
        ask(http, Request("GET", f"/api/students/{NETID}"), held.pk),
        ask(http, Request("GET", f"/api/academic/enrollments/{ENROLLMENT}"), held.pk),
        ask(http, Request("GET", f"{DC}?userId={HELD}"), held.pk),
        ask(http, Request("GET", f"/api/tasks/{TASK}"), held.pk),
        *(ask(http, request, held.pk) for request in WRITES[:4]),
    ]
    assert [answer.status for answer in shown] == [200] * 6 + [204] * 2


def test_a_stored_answer_about_them_is_not_given_to_a_token_that_may_not(held, db):
    client = ClientFactory(scopes=list(SCOPES))
    key = KeyFactory(client=client)
    seeing, blind = (
        http_of(issue(key, scopes).jwt)
        for scopes in (SCOPES, set(SCOPES) - {PEOPLE_PRIVATE})
    )
    body = json.dumps({"registrations": [BY_REGISTRATION]})
    asked = {"data": body, "content_type": "application/json"}
    asked["headers"] = {"Idempotency-Key": "one"}
    first = seeing.patch(OF_UNIT, **asked)
    again = seeing.patch(OF_UNIT, **asked)
    refused = blind.patch(OF_UNIT, **asked)
    assert held.pk in first.content.decode()
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert refused.status_code == 422
    assert held.pk not in refused.content.decode()


def test_a_stored_answer_about_them_is_not_given_again_once_they_are_held(held, db):
    http = http_of(secret_of(set(SCOPES) - {PEOPLE_PRIVATE}))
    body = json.dumps({"registrations": [BY_REGISTRATION]})
    asked = {"data": body, "content_type": "application/json"}
    asked["headers"] = {"Idempotency-Key": "two"}
    Profile.objects.filter(pk=held.pk).update(is_confidential=False)
    first = http.patch(OF_UNIT, **asked)
    again = http.patch(OF_UNIT, **asked)
    Profile.objects.filter(pk=held.pk).update(is_confidential=True)
    refused = http.patch(OF_UNIT, **asked)
    assert held.pk in first.content.decode()
    assert again["Idempotent-Replayed"] == "true"
    assert refused.status_code == 422
    assert held.pk not in refused.content.decode()


BY_THEM = [
    f"{DC}/{held_person.OTHERS_REGISTRATION}",
    f"{DC}?userId={F002QT1}",
    f"/apis/registrations/registrations/{held_person.OTHERS_REGISTRATION}/history",
    "/api/tasks?resource=students",
]


@pytest.mark.parametrize("path", BY_THEM)
def test_it_names_them_as_who_did_something_to_who_may_know(held, db, path):
    held_person.make_actor(held)
    told = [
        ask(http_of(secret_of(scopes)), Request("GET", path), held.pk).body.decode()
        for scopes in (SCOPES, set(SCOPES) - {PEOPLE_PRIVATE})
    ]
    assert [NETID in body or held.pk in body for body in told] == [True, False]
