"""What holds for every answer of every endpoint, whatever it says."""

import json

import pytest

from access.scopes import ADMIN, SCOPES
from tests.interfaces.test_order_of_checks import (
    FOUND,
    NAMING,
    call,
    client_with,
    each,
    found,
    missing,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

LASTING = [endpoint for endpoint in FOUND if endpoint.method != "DELETE"]
READING = [endpoint for endpoint in FOUND if endpoint.method == "GET"]


@pytest.fixture
def everything():
    return client_with(SCOPES, ADMIN)


@each(LASTING)
def test_it_answers_with_a_slash_as_without_and_never_leads_elsewhere(
    endpoint, everything
):
    plain = call(everything, endpoint, found(endpoint))
    slashed = call(everything, endpoint, f"{found(endpoint)}/")
    assert slashed.status_code == plain.status_code
    assert slashed.status_code not in range(300, 400)


@each(NAMING)
@pytest.mark.parametrize("accept", ["text/html", "image/png;q=1", "", "*/*;q=0", ";"])
def test_it_says_errors_in_json_whatever_is_accepted(endpoint, accept, everything):
    response = everything.generic(
        endpoint.method, missing(endpoint), b"{}", headers={"Accept": accept}
    )
    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"
    assert json.loads(response.content)


@each(NAMING)
def test_it_echoes_the_id_of_a_request_that_is_refused(endpoint, everything):
    response = everything.generic(
        endpoint.method, missing(endpoint), headers={"X-Request-Id": "trace-1"}
    )
    assert response["X-Request-Id"] == "trace-1"


@each(READING)
def test_it_names_a_parameter_that_it_ignored(endpoint, everything):
    response = everything.get(f"{found(endpoint)}?nonsense=1")
    assert response.status_code == 200
    assert response["Warning"] == '299 - "Ignored query parameters: nonsense"'


@each(READING)
def test_it_answers_head_as_get_without_a_body(endpoint, everything):
    shown = everything.get(found(endpoint))
    asked = everything.head(found(endpoint))
    assert (asked.status_code, asked.content) == (shown.status_code, b"")
    assert asked.get("ETag") == shown.get("ETag")
