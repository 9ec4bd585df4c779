"""Tokens of our own: what is refused, and how the keys that sign them change."""

import base64
import hmac
import json
import time
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client as Http
from django.utils import timezone

from access import recognition, signing
from access.errors import Unauthorized
from access.models import Client, Key, SigningKey
from access.operations import (
    change_client,
    resume_key,
    revoke_key,
    suspend_client,
    suspend_key,
)
from access.recognition import recognise
from access.scopes import REGISTRATIONS_READ, REGISTRATIONS_WRITE
from access.sealing import CannotOpen, open_sealed, seal
from access.signing import rotate_signing_key
from access.tokens import issue
from tests.access.factories import KeyFactory

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # what raises the epoch


@pytest.fixture
def key():
    return KeyFactory(
        client__scopes=[REGISTRATIONS_READ, REGISTRATIONS_WRITE], client__role="ADMIN"
    )


@pytest.fixture
def token(key):
    return issue(key, [REGISTRATIONS_READ]).jwt


def is_refused(token) -> bool:
    with pytest.raises(Unauthorized):
        recognise(token)
    return True


def signed(claims, **header) -> str:
    """A token with those claims, truly signed by the key that signs now."""
    key = signing.current_signing_key()
    named = {"kid": key.pk, **header}
    body = json.dumps(claims).encode()  # as it is: encode() would refuse some
    return jwt.PyJWS().encode(body, signing._opened(key), key.algorithm, named)


def claims_of(token) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def part(value) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def test_it_is_recognised(key, token):
    caller, _ = recognise(token)
    claims = claims_of(token)
    assert caller.client_id == key.client_id
    assert caller.scopes == {REGISTRATIONS_READ}
    assert caller.role == "ADMIN"
    assert (caller.issued_at, caller.expires_at) == (claims["iat"], claims["exp"])


def test_it_is_recognised_without_a_query(token, django_assert_num_queries):
    recognise(token)
    with django_assert_num_queries(0):
        recognise(token)


def test_a_key_has_neither_beginning_nor_end(key):
    caller = recognition._caller(key.client)
    assert (caller.issued_at, caller.expires_at) == (None, None)


@pytest.mark.parametrize("seconds", [3 * 3600 + 50, 3 * 3600, 0])
def test_it_holds_for_three_hours_and_a_minute(token, seconds):
    with time_machine.travel(timedelta(seconds=seconds), tick=False):
        assert recognise(token)


def test_it_is_refused_after_that(token):
    recognise(token)
    with time_machine.travel(timedelta(seconds=3 * 3600 + 62), tick=False):
        assert is_refused(token)


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -59), ("nbf", 59), ("iat", 59)])
def test_it_holds_where_clocks_differ_by_less_than_a_minute(token, claim, seconds):
    with time_machine.travel(time.time() // 1, tick=False):
        moved = {claim: int(time.time()) + seconds}
        assert recognise(signed(claims_of(token) | moved))


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -61), ("nbf", 61), ("iat", 61)])
def test_it_is_refused_where_they_differ_by_more(token, claim, seconds):
    with time_machine.travel(time.time() // 1, tick=False):
        moved = {claim: int(time.time()) + seconds}
        assert is_refused(signed(claims_of(token) | moved))


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "jti", "scope", "role", "sub"])
def test_it_is_refused_without_a_claim(token, name):
    claims = claims_of(token)
    del claims[name]
    assert is_refused(signed(claims))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://elsewhere.example.org"},
        {"iss": ["http://127.0.0.1:8000"]},
        {"aud": "another"},
        {"aud": []},
        {"sub": "f0027k4"},
        {"jti": "another"},
        {"jti": "\0"},
        {"nbf": 9_999_999_999},
        {"exp": "soon"},
        {"exp": 1e300},
    ],
)
def test_it_is_refused_with_another_claim(token, change):
    assert is_refused(signed(claims_of(token) | change))


def test_it_is_refused_without_a_signature(token):
    head, body, _ = token.split(".")
    none = part({"alg": "none", "typ": "JWT"})
    assert is_refused(f"{head}.{body}.")
    assert is_refused(f"{none}.{body}.")
    assert is_refused(f"{none}.{body}.AA")


def test_it_is_refused_with_a_changed_letter(token):
    head, body, signature = token.split(".")
    changed = part(claims_of(token) | {"scope": REGISTRATIONS_WRITE})
    assert is_refused(f"{head}.{changed}.{signature}")


def test_it_is_refused_when_the_public_key_signed_it_as_a_secret(token):
    stored = SigningKey.objects.get()
    public = signing._opened(stored).public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = part({"alg": "HS256", "kid": stored.pk, "typ": "JWT"})
    said = f"{head}.{part(claims_of(token))}"
    signature = hmac.digest(secret, said.encode(), "sha256")
    assert is_refused(f"{said}.{part(signature)}")


@pytest.mark.parametrize(
    "kid", ["", "unknown", "\0", "' OR 1=1 --", "\ud800", "x" * 9999]
)
def test_it_is_refused_with_a_strange_kid(token, kid):
    assert is_refused(signed(claims_of(token), kid=kid))


def test_it_is_refused_where_it_names_an_extension_that_must_be_known(token):
    claims = claims_of(token)
    assert is_refused(signed(claims, crit=["exp"], exp=1))
    assert is_refused(signed(claims, crit=["b64"], b64=False))


def test_it_reads_the_claims_that_it_has_verified(key, token):
    """Of a claim that is said twice the last counts, for both."""
    stored = signing.current_signing_key()
    said = json.dumps(claims_of(token))[:-1] + f', "exp": {int(time.time()) - 100}}}'
    body, header = said.encode(), {"kid": stored.pk}
    twice = jwt.PyJWS().encode(body, signing._opened(stored), "RS256", header)
    assert is_refused(twice)


@pytest.mark.parametrize(
    "token",
    [
        "a.b.c",
        f"{'a' * 100_000}.b.c",
        f"{part({'alg': 'RS256', 'kid': 'x' * 100_000})}.{part({})}.AA",
        "..",
        f"{part(b'[' * 50_000)}.{part({})}.AA",
        f"{part({'alg': 'RS256'})}.{part(b'[' * 50_000)}.AA",
        f"{part({'alg': 'RS256', 'kid': 5})}.{part({})}.AA",
        f"{part({'alg': ['RS256']})}.{part({'iss': {}})}.AA",
        f"{part(b'5')}.{part(b'5')}.AA",
        f"{part({'alg': 'RS256'})}.{part({'iss': 10**400})}.AA",
        "é.é.é",
        "\udcff.a.a",
    ],
)
def test_it_refuses_what_is_no_token(token):
    assert is_refused(token)


@committed
def test_it_loses_a_scope_that_its_client_loses(key, token):
    recognise(token)
    change_client(client_id=key.client_id, scopes=[])
    assert recognise(token)[0].scopes == frozenset()


def test_it_gains_no_scope_that_its_client_gains(key):
    token = issue(key, ["registrations:late"]).jwt
    change_client(client_id=key.client_id, scopes=["registrations:late"])
    assert recognise(token)[0].scopes == frozenset()


def test_it_loses_a_role_that_its_client_loses(key, token):
    change_client(client_id=key.client_id, role="STUDENT")
    assert recognise(token)[0].role == ""


def test_it_is_kept_to_its_lecturers_offerings_whatever_its_role(key, token):
    Client.objects.update(role="LECTURER", lecturer_id="lecturer-1")
    caller, _ = recognise(token)
    assert (caller.role, caller.only_of_lecturer) == ("", "lecturer-1")


@committed
def test_it_ends_when_its_client_is_suspended(key, token):
    recognise(token)
    suspend_client(client_id=key.client_id)
    assert is_refused(token)


@committed
def test_it_ends_with_the_key_that_it_was_made_with(key, token):
    other = KeyFactory(client=key.client)
    another = issue(other, []).jwt
    recognise(token)
    revoke_key(key_id=key.pk)
    assert is_refused(token)
    assert recognise(another)


@committed
def test_it_sleeps_while_its_key_is_suspended(key, token):
    suspend_key(key_id=key.pk)
    assert is_refused(token)
    resume_key(key_id=key.pk)
    assert recognise(token)


def test_it_outlives_a_key_that_ends_by_its_date(key, token):
    Key.objects.update(expires_at=timezone.now())
    assert recognise(token)


def test_it_ends_when_its_client_ends_by_its_date(token):
    recognise(token)
    Client.objects.update(expires_at=timezone.now())
    recognition.forget_all()
    assert is_refused(token)


def test_it_ends_when_its_client_acts_as_somebody_else(key, token):
    Client.objects.update(subject="f0027k4")
    assert is_refused(token)


def test_a_change_by_bare_sql_is_seen_within_seconds(key, token):
    recognise(token)
    Client.objects.update(status="suspended")
    recognition._remembered.update(
        {
            digest: replace(known, asked_at=known.asked_at - 5)
            for digest, known in recognition._remembered.items()
        }
    )
    assert is_refused(token)


def test_its_key_may_be_rotated_while_it_lives(token):
    old = SigningKey.objects.get()
    new = rotate_signing_key()
    old.refresh_from_db()
    published = Http().get("/.well-known/jwks.json").json()["keys"]
    assert recognise(token)
    assert [jwk["kid"] for jwk in published] == [new.pk, old.pk]
    assert (old.honoured_until - timezone.now()).total_seconds() == pytest.approx(
        3 * 3600 + 60, abs=30
    )


def test_its_key_is_published_no_more_when_its_tokens_have_ended(token):
    rotate_signing_key()
    with time_machine.travel(timedelta(hours=3, minutes=2), tick=False):
        keys = Http().get("/.well-known/jwks.json").json()["keys"]
    assert [jwk["kid"] for jwk in keys] == [SigningKey.objects.get(signs=True).pk]


@committed
def test_it_is_refused_at_once_when_its_key_has_leaked(key, token):
    recognise(token)
    rotate_signing_key(honour_old=False)
    assert is_refused(token)
    assert recognise(issue(key, []).jwt)


def test_earlier_keys_are_not_honoured_longer_when_another_leaks(token):
    rotate_signing_key()
    rotate_signing_key(honour_old=False)
    assert is_refused(token)


def test_it_may_be_signed_by_eddsa(key, token, settings):
    settings.JWT_ALGORITHM = "EdDSA"
    other = issue(key, []).jwt
    assert jwt.get_unverified_header(other)["alg"] == "EdDSA"
    assert recognise(other)
    assert recognise(token)


def test_a_key_cannot_be_used_for_another_algorithm(key, settings):
    settings.JWT_ALGORITHM = "EdDSA"
    token = issue(key, []).jwt
    rsa = signing._new_rsa()[0]
    header = {"kid": SigningKey.objects.get().pk}
    assert is_refused(jwt.encode(claims_of(token), rsa, "RS256", header))


def test_private_keys_are_stored_sealed(token):
    stored = bytes(SigningKey.objects.get().private_key)
    assert b"PRIVATE" not in stored
    assert b"PRIVATE" in open_sealed(stored, purpose=signing.PURPOSE)


def test_published_keys_are_public(token):
    (published,) = Http().get("/.well-known/jwks.json").json()["keys"]
    assert set(published) == {"kty", "n", "e", "key_ops", "kid", "use", "alg"}


def test_a_new_secret_key_with_its_fallback_changes_nothing(key, token, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert recognise(issue(key, []).jwt)
    assert SigningKey.objects.count() == 1


def test_a_new_secret_key_without_it_signs_with_a_new_key(key, token, settings):
    settings.SECRET_KEY = "another" * 10
    assert recognise(issue(key, []).jwt)
    assert recognise(token)
    assert SigningKey.objects.count() == 2


def test_what_is_sealed_for_one_purpose_opens_for_no_other():
    sealed = seal(b"secret", purpose="one")
    assert open_sealed(sealed, purpose="one") == b"secret"
    with pytest.raises(CannotOpen):
        open_sealed(sealed, purpose="two")
    with pytest.raises(CannotOpen):
        open_sealed(sealed[:-9] + b"A" * 5 + sealed[-4:], purpose="one")
