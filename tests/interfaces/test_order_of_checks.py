"""405, 401, 429, 403, 404, 415, 400: the same order at every endpoint."""

import json

import pytest
from django.test import Client as Http

from access.endpoints import endpoints
from access.scopes import ADMIN, SCOPES
from tests.access.factories import ClientFactory, make_secret

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

VERBS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
BODIES = {"POST", "PUT", "PATCH"}
NOTHING = "nothing-has-this-id"
NOT_JSON = b'{"half": '

# What is there to be found at each address that names something.
PRESENT = {
    "/api/academic/enrollments/{pk}": "AAAS.010.01-202001-U-10188-f002qt1-student",
    "/api/students/{netid}": "f00000x",
    "/api/v1/unit-offerings/{pk}": "unit-offering-uuid",
    "/api/v5/registrations/{pk}": "65ade781cc98d136543678191005431a",
    "/dc/api/v5/registrations/{pk}": "65ade781cc98d136543678191005431a",
    "/apis/registrations/profiles/{profile_id}/registrations": (
        "507f1f77bcf86cd799439011"
    ),
    "/apis/registrations/units/{unit_id}/registrations": "6385baad976a7719120008e3",
    "/apis/units/units/{unit_id}/grades": "6385baad976a7719120008e3",
    "/apis/registrations/registrations/{pk}/history": "65e6e5aaf398a642a7022ab5",
    "/api/v1/unit-offerings/by-lecturer/{lecturer_id}": "uuid-string-here",
}

ALL = [endpoint for endpoint in endpoints() if endpoint.path != "/api/jwt"]
GUARDED = [endpoint for endpoint in ALL if not endpoint.is_public]
SCOPED = [e for e in GUARDED if any(e.required.values())]
NAMING = [endpoint for endpoint in GUARDED if "{" in endpoint.path]
FOUND = [e for e in GUARDED if "{" not in e.path or e.path in PRESENT]
WRITING = [endpoint for endpoint in GUARDED if endpoint.method in BODIES]
PATHS = sorted({endpoint.path for endpoint in ALL})


def each(found):
    return pytest.mark.parametrize("endpoint", found, ids=map(str, found))


def address(path: str, name: str) -> str:
    head, _, rest = path.partition("{")
    return f"{head}{name}{rest.partition('}')[2]}" if rest else path


def found(endpoint) -> str:
    """The address of something that is there."""
    return address(endpoint.path, PRESENT.get(endpoint.path, ""))


def missing(endpoint) -> str:
    return address(endpoint.path, NOTHING)


def call(http, endpoint, url, body=NOT_JSON, content_type="application/json"):
    return http.generic(endpoint.method, url, body, content_type)


def client_with(scopes=(), role="", **client) -> Http:
    client = ClientFactory(scopes=list(scopes), role=role, **client)
    return Http(headers={"Authorization": f"Bearer {make_secret(client=client)}"})


@pytest.fixture
def anybody():
    """Registered, and granted nothing."""
    return client_with()


@pytest.fixture
def everything():
    return client_with(SCOPES, ADMIN)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("verb", sorted(VERBS))
def test_it_answers_405_without_credentials_to_verbs_that_it_has_not(path, verb):
    known = {endpoint.method for endpoint in ALL if endpoint.path == path}
    allowed = sorted(known | {"OPTIONS"} | ({"HEAD"} if "GET" in known else set()))
    response = Http().generic(verb, address(path, NOTHING), NOT_JSON)
    is_refused = response.status_code == 405
    assert is_refused == (verb not in allowed)
    assert response.get("Allow", ", ".join(allowed)) == ", ".join(allowed)


@pytest.mark.parametrize("path", PATHS)
def test_it_answers_options_to_anybody(path):
    response = Http().options(address(path, NOTHING))
    assert (response.status_code, response.content) == (204, b"")


@each(GUARDED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer sk-nonsense"},
        {"Authorization": f"Bearer sk-{'a' * 52}"},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Bearer"},
    ],
)
def test_it_answers_401_before_all_that_it_would_say_otherwise(endpoint, headers):
    response = call(Http(headers=headers), endpoint, missing(endpoint))
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert json.loads(response.content)


@each(GUARDED)
def test_it_answers_401_to_the_header_of_other_interfaces(endpoint):
    http = Http(headers={"FF-Auth": make_secret()})
    is_known = endpoint.path.startswith("/apis/")
    response = call(http, endpoint, missing(endpoint))
    assert (response.status_code == 401) == (not is_known)


@each(SCOPED)
def test_it_answers_429_before_403(endpoint):
    hasty = client_with(rate_limit=1)
    first = call(hasty, endpoint, missing(endpoint))
    second = call(hasty, endpoint, missing(endpoint))
    assert (first.status_code, second.status_code) == (403, 429)
    assert 1 <= int(second["Retry-After"]) <= 61


@each(SCOPED)
def test_it_answers_403_before_404_and_names_what_is_missing(endpoint, anybody):
    response = call(anybody, endpoint, missing(endpoint))
    assert response.status_code == 403
    said = response.content.decode()
    assert [scope for scope in endpoint.required["scopes"] if scope not in said] == []
    assert json.loads(response.content)


@each(NAMING)
def test_it_answers_404_before_it_looks_at_the_body(endpoint, everything):
    response = call(everything, endpoint, missing(endpoint))
    unread = call(everything, endpoint, missing(endpoint), b"x", "text/plain")
    assert (response.status_code, unread.status_code) == (404, 404)


@each(NAMING)
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("?x=%00", {}),
        ("?dry_run=perhaps", {}),
        ("", {"If-Match": "unquoted"}),
        ("", {"X-Change-Reason": "x" * 501}),
        ("", {"Idempotency-Key": "with space"}),
    ],
)
def test_it_answers_404_before_what_else_is_asked(endpoint, query, headers, everything):
    url = f"{missing(endpoint)}{query}"
    response = everything.generic(endpoint.method, url, NOT_JSON, headers=headers)
    assert response.status_code == 404


@each(FOUND)
@pytest.mark.parametrize("query", ["?x=%00", "?%00=x", "?x=a%00b&y", "?x=%ED%A0%80"])
def test_it_answers_400_to_a_query_that_is_no_text(endpoint, query, everything):
    response = call(everything, endpoint, f"{found(endpoint)}{query}", b"[]")
    assert (response.status_code, json.loads(response.content) != {}) == (400, True)


@each(NAMING)
@pytest.mark.parametrize("name", ["%00", "a%00b", "%ED%A0%80", "%FF", "x" * 2000])
def test_it_answers_404_to_a_name_that_nothing_can_have(endpoint, name, everything):
    response = call(everything, endpoint, address(endpoint.path, name))
    assert (response.status_code, json.loads(response.content) != {}) == (404, True)


@each(WRITING)
@pytest.mark.parametrize(
    "body",
    [
        b'{"x": "a\\u0000b"}',
        b'{"a\\u0000b": 1}',
        b'{"x": "\\ud800"}',
        b'"\\udc00\\ud800"',
        b'{"x": "a\x00b"}',
        b'\x00{"x": 1}',
        b'{"x": "\xff"}',
        b'\xef\xbb\xbf{"x": NaN}',
        b'{"x": -Infinity}',
        b'{"x": 1e4000}',
        b'{"x": 1e-999999999}',
        b'{"x": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
)
def test_it_answers_400_to_what_no_value_can_be(endpoint, body, everything):
    response = call(everything, endpoint, found(endpoint), body)
    assert (response.status_code, json.loads(response.content) != {}) == (400, True)


@each(WRITING)
@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"1",
        b'"x"',
        b"[]",
        b"[[]]",
        b"true",
        b'{"": {}}',
        b"{}",
        b'{"x": -0.0}',
    ],
)
def test_it_refuses_a_body_of_another_shape(endpoint, body, everything):
    response = call(everything, endpoint, found(endpoint), body)
    assert (response.status_code in (400, 422)) is True
    assert json.loads(response.content)


@each(WRITING)
def test_it_answers_413_to_what_is_too_large(endpoint, everything):
    response = call(everything, endpoint, found(endpoint), b" " * (5 * 2**20 + 1))
    assert response.status_code == 413


@each(WRITING)
def test_it_answers_415_before_400(endpoint, everything):
    response = call(everything, endpoint, found(endpoint), NOT_JSON, "text/plain")
    assert response.status_code == 415


@each(WRITING)
def test_it_answers_400_to_what_is_no_json(endpoint, everything):
    assert call(everything, endpoint, found(endpoint)).status_code == 400
