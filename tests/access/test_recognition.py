"""Who stands behind a credential, and for how long that is believed."""

from datetime import timedelta

import pytest
import redis
import time_machine
from django.conf import settings
from django.test import Client as Http
from django.utils import timezone

from access import epoch, recognition
from access.errors import Unauthorized
from access.models import Client, Key, KeyEvent
from access.operations import revoke_key, suspend_client
from access.recognition import recognise
from access.tokens import issue
from tests.access.factories import KeyFactory, make_secret

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # commits, as a server does


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


@committed
def test_it_refuses_a_client_from_the_moment_it_is_suspended():
    secret = make_secret()
    recognise(secret)
    suspend_client(client_id=Client.objects.get().pk)
    with pytest.raises(Unauthorized):
        recognise(secret)


@committed
@pytest.mark.parametrize("model", [Client, Key])
def test_it_refuses_what_another_process_has_suspended(model):
    secret = make_secret()
    recognise(secret)
    model.objects.update(status="suspended")
    redis.Redis.from_url(settings.REDIS_URL).incr(epoch.EPOCH)
    with pytest.raises(Unauthorized):
        recognise(secret)


def test_it_asks_redis_one_question(monkeypatch):
    secret, ask, asked = make_secret(), epoch._Line.ask, []
    recognise(secret)
    monkeypatch.setattr(
        epoch._Line,
        "ask",
        lambda self, *words: asked.append(words) or ask(self, *words),
    )
    recognise(secret)
    assert [words[0] for words in asked] == ["EVALSHA"]


@committed
def test_it_recognises_a_token():
    key = KeyFactory(client__scopes=["registrations:read"])
    token = issue(key, ["registrations:read", "registrations:write"])
    caller, _ = recognise(token.jwt)
    assert caller.scopes == {"registrations:read"}
    revoke_key(key_id=key.pk)
    with pytest.raises(Unauthorized):
        recognise(token.jwt)


def test_it_takes_a_token_for_no_key():
    token = issue(KeyFactory(client__scopes=["registrations:read"]), []).jwt
    http = Http(headers={"FF-Auth": token})
    assert http.get("/apis/registrations/units/any/registrations").status_code == 401


def test_it_takes_a_key_without_a_scheme_nowhere_but_where_tokens_are_made():
    http = Http(headers={"Authorization": make_secret()})
    assert http.get("/api/academic/terms").status_code == 401
    assert http.post("/api/jwt").status_code == 200


def test_a_bad_key_is_not_made_good_by_a_token_beside_it():
    secret = make_secret(client__scopes=["registrations:read"])
    http = Http(headers={"FF-Auth": "sk-bad", "Authorization": f"Bearer {secret}"})
    assert http.get("/apis/registrations/units/any/registrations").status_code == 401


def test_it_says_429_to_an_address_that_fails_too_often(settings):
    settings.FAILED_AUTHENTICATION_LIMIT = 2
    http = Http(headers={"Authorization": "Bearer sk-bad"})
    answers = [http.get("/api/academic/terms") for _ in range(3)]
    elsewhere = http.get("/api/academic/terms", REMOTE_ADDR="192.0.2.7")
    good = Http(headers={"Authorization": f"Bearer {make_secret()}"})
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 61
    assert elsewhere.status_code == 401
    assert good.get("/api/academic/terms").status_code == 200


def test_it_tells_what_is_left_of_the_limit():
    secret = make_secret(client__rate_limit=2)
    http = Http(headers={"Authorization": f"Bearer {secret}"})
    answers = [http.get("/api/academic/terms") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"client";q=2;w=60'
    assert answers[0]["RateLimit"].startswith('"client";r=1;t=')
    assert answers[2]["RateLimit"].startswith('"client";r=0;t=')


def test_it_says_nothing_of_a_limit_where_there_is_none():
    http = Http(
        headers={"Authorization": f"Bearer {make_secret(client__rate_limit=0)}"}
    )
    assert "RateLimit" not in http.get("/api/academic/terms")


def test_its_keys_and_tokens_share_a_limit():
    key = KeyFactory(client__rate_limit=1)
    other = make_secret(client=key.client)
    token = issue(key, []).jwt
    assert recognise(token)[1].is_granted
    assert not recognise(other)[1].is_granted


def test_it_records_the_last_use_at_most_once_a_minute():
    secret = make_secret()
    recognise(secret)
    first = Key.objects.get().last_used_at
    recognition.forget_all()
    recognise(secret)
    assert Key.objects.get().last_used_at == first
    Key.objects.update(last_used_at=first - timedelta(minutes=2))
    recognition.forget_all()
    recognise(secret)
    assert Key.objects.get().last_used_at > first


def test_its_last_use_is_no_change():
    recognise(make_secret())
    assert [event.pgh_label for event in KeyEvent.objects.all()] == ["insert"]


@pytest.mark.parametrize(
    "attributes",
    [
        {"status": "suspended"},
        {"status": "revoked"},
        {"expires_at": timezone.now()},
        {"client__status": "suspended"},
        {"client__status": "revoked"},
        {"client__expires_at": timezone.now()},
    ],
)
def test_it_refuses_what_may_not_be_used(attributes):
    secret = make_secret(**attributes)
    with pytest.raises(Unauthorized):
        recognise(secret)


def test_it_refuses_a_key_from_the_moment_it_ends():
    secret = make_secret(expires_at=timezone.now() + timedelta(hours=1))
    recognise(secret)
    with time_machine.travel(timedelta(hours=2)), pytest.raises(Unauthorized):
        recognise(secret)


NEARLY = {
    "shorter": lambda secret: secret[:-1],
    "longer": lambda secret: f"{secret}a",
    "another letter": lambda secret: secret[:-1] + chr(ord(secret[-1]) ^ 1),
    "no letter": lambda secret: f"{secret[:-1]}!",
    "upper case": str.upper,
    "a line": lambda secret: f"{secret}\n",
}


@pytest.mark.parametrize("change", NEARLY.values(), ids=NEARLY)
def test_it_refuses_a_key_that_is_nearly_right(change):
    secret = make_secret()
    with pytest.raises(Unauthorized):
        recognise(change(secret))


def test_it_asks_the_database_each_time_while_redis_is_away(
    monkeypatch, django_assert_num_queries
):
    secret = make_secret()
    recognise(secret)
    monkeypatch.setattr(epoch, "_away_until", float("inf"))
    with django_assert_num_queries(1):
        recognise(secret)
    Client.objects.update(status="suspended")
    with pytest.raises(Unauthorized):
        recognise(secret)
