"""ETag, If-None-Match and If-Match wherever one thing is read or written."""

import json

import pytest
from django.test import Client as Http

from access.endpoints import endpoints
from access.scopes import ADMIN, PEOPLE_PRIVATE, SCOPES
from offerings.models import UnitOffering
from registrations.models import Registration
from tests.access.factories import ClientFactory, make_secret
from tests.interfaces.test_idempotency import WRITES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

OFFERING = "/api/v1/unit-offerings/unit-offering-uuid"
REGISTRATION = "/dc/api/v5/registrations/65ade781cc98d136543678191005431a"
ENROLLMENT = "/api/academic/enrollments/AAAS.010.01-202001-U-10188-f002qt1-student"
STUDENT = "/api/students/f002qt1"

# What is read one by one, but for tasks: those have a test of their own.
ONE = [OFFERING, REGISTRATION, REGISTRATION.removeprefix("/dc"), ENROLLMENT, STUDENT]

HONOURING = [
    "PUT /dc/api/v5/registrations/{pk}",
    "PUT /api/v5/registrations/{pk}",
    "PATCH /api/v1/unit-offerings/{pk}",
]
IGNORING = [
    *(each for each in WRITES if each not in HONOURING),
    "DELETE /api/tasks/{pk}",
]


@pytest.fixture
def http():
    client = ClientFactory(scopes=[*(SCOPES.keys() - {PEOPLE_PRIVATE})], role=ADMIN)
    return Http(headers={"Authorization": f"Bearer {make_secret(client=client)}"})


def write(http, endpoint, query="", **headers):
    path, body = WRITES.get(endpoint, ("/api/tasks/none", {}))
    return http.generic(
        endpoint.partition(" ")[0],
        f"{path}{query}",
        json.dumps(body),
        "application/json",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def versions():
    return [
        [*model.objects.order_by("pk").values_list("pk", "version")]
        for model in (Registration, UnitOffering)
    ]


@pytest.mark.parametrize("path", ONE)
def test_it_tags_what_it_shows_and_knows_it_again(http, path):
    shown = http.get(path)
    version, _, mark = shown["ETag"].strip('"').partition("-")
    assert (version.isdecimal(), len(mark)) == (True, 16)
    assert http.head(path)["ETag"] == shown["ETag"]
    known = http.get(path, headers={"If-None-Match": f'"0-0", {shown["ETag"]}'})
    assert (known.status_code, known.content) == (304, b"")
    assert known["ETag"] == shown["ETag"]
    assert http.get(path, headers={"If-None-Match": '"0-0"'}).json() == shown.json()


@pytest.mark.parametrize("endpoint", HONOURING)
def test_what_it_wrote_is_tagged_as_get_shows_it(http, endpoint):
    written = write(http, endpoint)
    assert written.status_code in (200, 204)
    assert written["ETag"] == http.get(WRITES[endpoint][0])["ETag"]


@pytest.mark.parametrize(
    "endpoint",
    [
        "POST /dc/api/v5/registrations",
        "POST /api/v5/registrations",
        "POST /api/v1/unit-offerings",
    ],
)
def test_what_it_made_is_tagged_as_get_shows_it(http, endpoint):
    made = write(http, endpoint)
    assert made.status_code == 201
    assert made["ETag"] == http.get(made["Location"])["ETag"]


@pytest.mark.parametrize("endpoint", HONOURING)
def test_it_writes_over_no_version_but_the_one_that_was_named(http, endpoint):
    stale = http.get(WRITES[endpoint][0])["ETag"]
    first = write(http, endpoint, If_Match=stale)
    before = versions()
    second = write(http, endpoint, If_Match=stale)
    assert (first.status_code in (200, 204), second.status_code) == (True, 412)
    assert versions() == before
    assert json.loads(second.content)


@pytest.mark.parametrize("endpoint", HONOURING)
@pytest.mark.parametrize("tags", ["*", '"1"', '"7-a", "1-b"', 'W/"9", "1-0"'])
def test_it_compares_the_version_only(http, endpoint, tags):
    assert write(http, endpoint, If_Match=tags).status_code in (200, 204)


@pytest.mark.parametrize("endpoint", HONOURING)
@pytest.mark.parametrize("tags", ['"2"', 'W/"1"', '"x"'])
def test_it_refuses_every_other_version(http, endpoint, tags):
    before = versions()
    assert write(http, endpoint, If_Match=tags).status_code == 412
    assert versions() == before


def test_it_deletes_no_version_but_the_one_that_was_named(http):
    refused = http.delete(OFFERING, headers={"If-Match": '"7"'})
    assert refused.status_code == 412
    tag = http.get(OFFERING)["ETag"]
    assert http.delete(OFFERING, headers={"If-Match": tag}).status_code == 200
    assert not UnitOffering.objects.filter(pk="unit-offering-uuid").exists()


@pytest.mark.parametrize("endpoint", [e for e in IGNORING if e in WRITES])
def test_it_refuses_if_match_where_it_would_be_ignored(http, endpoint):
    before = versions()
    assert write(http, endpoint, If_Match='"1"').status_code == 400
    assert versions() == before


@pytest.mark.parametrize("endpoint", WRITES)
def test_a_dry_run_answers_as_the_write_does(http, endpoint):
    before = versions()
    dry = write(http, endpoint, query="?dry_run=true")
    assert versions() == before
    real = write(http, endpoint)
    assert dry["Dry-Run"] == "true"
    assert ("ETag" in dry, "Location" in dry, "Dry-Run" in real) == (
        False,
        False,
        False,
    )
    assert dry.status_code == (200 if real.status_code == 202 else real.status_code)


@pytest.mark.parametrize("endpoint", WRITES)
@pytest.mark.parametrize("value", ["", "1", "True", "yes", "null"])
def test_a_dry_run_is_true_or_false(http, endpoint, value):
    before = versions()
    assert write(http, endpoint, query=f"?dry_run={value}").status_code == 400
    assert versions() == before


@pytest.mark.parametrize("endpoint", WRITES)
@pytest.mark.parametrize("reason", ["", " ", "x" * 501, "a\tb", "a\x7fb"])
def test_it_refuses_a_reason_that_is_none(http, endpoint, reason):
    before = versions()
    assert write(http, endpoint, X_Change_Reason=reason).status_code == 400
    assert versions() == before


def test_it_knows_each_endpoint_that_writes():
    writing = {str(each) for each in endpoints() if each.method != "GET"}
    known = {*HONOURING, *IGNORING, "DELETE /api/v1/unit-offerings/{pk}"}
    assert writing - known == {"POST /api/jwt"}
