"""Whatever stands behind a question mark is understood, ignored or refused."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.operations import create_client, create_key
from access.scopes import ADMIN, SCOPES
from config.openapi import document
from tests.hostile.test_parsers import TEXTS

LISTS = [
    pytest.param(path, operation, id=path)
    for path, operations in document()["paths"].items()
    for operation in operations.values()
    if operation["operationId"].startswith("get_") and not path.endswith("jwks.json")
]
ANSWERS = {200, 400, 404}
FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def stranger(demo_record):
    """A client that may read everything."""
    client = create_client(name="Stranger", scopes=[*SCOPES], role=ADMIN, rate_limit=0)
    key = create_key(client_id=client.pk).secret
    return Client(headers={"Authorization": f"Bearer {key}"})


def names_of(operation):
    """The names of its query, some that it does not know, and some of others."""
    own = [each["name"] for each in operation["parameters"] if each["in"] == "query"]
    return st.one_of(st.sampled_from([*own, "limit", "offset", "page"]), TEXTS)


@pytest.mark.parametrize(("path", "operation"), LISTS)
def test_it_answers_any_query(path, operation, stranger, demo):
    @FEW
    @given(st.dictionaries(names_of(operation), TEXTS, max_size=4))
    def ask(query):
        asked = urlencode([*query.items()], errors="replace")
        response = stranger.get(f"{path}?{asked}")
        assert response.status_code in ANSWERS, response.content

    ask()
