import pytest

from access.errors import Unauthorized
from access.models import Client
from access.operations import revoke_key, suspend_client
from access.recognition import recognise
from access.tokens import issue
from tests.access.factories import KeyFactory, make_secret

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_gives_a_key_all_scopes_of_its_client():
    secret = make_secret(client__scopes=["registrations:read"], client__role="ADMIN")
    caller, rate = recognise(secret)
    assert caller.scopes == {"registrations:read"}
    assert caller.role == "ADMIN"
    assert rate.limit == 100_000


def test_it_asks_the_database_once(django_assert_num_queries):
    secret = make_secret(client__scopes=["registrations:read"])
    recognise(secret)
    with django_assert_num_queries(0):
        recognise(secret)


def test_it_refuses_a_client_from_the_moment_it_is_suspended():
    secret = make_secret()
    recognise(secret)
    suspend_client(client_id=Client.objects.get().pk)
    with pytest.raises(Unauthorized):
        recognise(secret)


def test_it_recognises_a_token():
    key = KeyFactory(client__scopes=["registrations:read"])
    token = issue(key, ["registrations:read", "registrations:write"])
    caller, _ = recognise(token.jwt)
    assert caller.scopes == {"registrations:read"}
    revoke_key(key_id=key.pk)
    with pytest.raises(Unauthorized):
        recognise(token.jwt)
