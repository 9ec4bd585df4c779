"""A client that others wrote for an API of this kind gets its token here."""

import pytest
import requests
from dartmouth_auth import get_jwt

from access.scopes import STUDENTS_READ_SENSITIVE
from tests.access.factories import make_secret

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_gets_a_token_that_opens_what_was_asked(live_server):
    secret = make_secret(client__scopes=[STUDENTS_READ_SENSITIVE])
    scoped = f"{live_server.url}/api/jwt?scope={STUDENTS_READ_SENSITIVE}"
    token = get_jwt(secret, jwt_url=scoped)
    answer = requests.get(
        f"{live_server.url}/api/students",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert (answer.status_code, answer.json()) == (200, [])


def test_it_gets_a_token_without_scopes_where_it_asks_for_none(live_server):
    secret = make_secret(client__scopes=[STUDENTS_READ_SENSITIVE])
    token = get_jwt(secret, jwt_url=f"{live_server.url}/api/jwt")
    answer = requests.get(
        f"{live_server.url}/api/students",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 403
    assert STUDENTS_READ_SENSITIVE in answer.json()["message"]


def test_it_is_told_that_its_key_is_bad(live_server):
    with pytest.raises(KeyError, match="Is your Dartmouth API key valid"):
        get_jwt("sk-nonsense", jwt_url=f"{live_server.url}/api/jwt")
