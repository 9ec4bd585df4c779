"""POST /api/jwt: a key is exchanged for a token."""

import jwt
import pytest
from django.test import Client as Http

from access.models import IdempotencyRecord, SigningKey
from access.operations import create_client, create_key, suspend_key
from access.scopes import REGISTRATIONS_READ, REGISTRATIONS_WRITE
from tests.access.factories import KeyFactory, make_secret

pytestmark = pytest.mark.django_db

URL = "/api/jwt"


def post(authorization, query="", **headers):
    http = Http(headers={"Authorization": authorization, **headers})
    return http.post(f"{URL}{query}")


def test_it_answers_with_the_token_its_claims_and_its_scopes(settings):
    client = create_client(
        name="Portal",
        contact="portal@example.org",
        role="ADMIN",
        scopes=[REGISTRATIONS_READ, REGISTRATIONS_WRITE],
    )
    key = create_key(client_id=client.pk)
    response = post(key.secret, "?scope=registrations:write registrations:late")
    answer = response.json()
    claims = answer["payload"]
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert answer == {
        "jwt": answer["jwt"],
        "payload": {
            "iss": settings.PUBLIC_URL,
            "aud": settings.PUBLIC_URL,
            "sub": client.pk,
            "name": "Portal",
            "email": "portal@example.org",
            "role": "ADMIN",
            "iat": claims["iat"],
            "exp": claims["iat"] + 3 * 60 * 60,
            "jti": claims["jti"],
            "scope": "registrations:write",
        },
        "accepted_scopes": ["registrations:write"],
    }


def test_it_signs_what_the_published_keys_verify(settings):
    token = post(make_secret()).json()["jwt"]
    keys = jwt.PyJWKSet.from_dict(Http().get("/.well-known/jwks.json").json())
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(
        token, keys[header["kid"]], audience=settings.PUBLIC_URL, algorithms=["RS256"]
    )
    assert header == {"alg": "RS256", "kid": SigningKey.objects.get().pk, "typ": "JWT"}
    assert claims["iss"] == settings.PUBLIC_URL


def test_it_gives_no_scope_to_who_asks_for_none():
    answer = post(make_secret(client__scopes=[REGISTRATIONS_READ])).json()
    assert answer["accepted_scopes"] == []
    assert answer["payload"]["scope"] == ""


def test_it_joins_scopes_by_commas():
    secret = make_secret(client__scopes=[REGISTRATIONS_READ, REGISTRATIONS_WRITE])
    answer = post(secret, "?scope=registrations:read registrations:write").json()
    assert answer["payload"]["scope"] == "registrations:read,registrations:write"


def test_it_names_the_netid_that_the_client_acts_as():
    answer = post(make_secret(client__subject="f003ghc")).json()
    assert answer["payload"]["sub"] == "f003ghc"


def test_it_says_no_role_as_null():
    assert post(make_secret()).json()["payload"]["role"] is None


def test_it_takes_the_key_as_a_bearer_too():
    assert post(f"Bearer {make_secret()}").status_code == 200


def test_it_ignores_the_body():
    http = Http(headers={"Authorization": make_secret()})
    response = http.post(URL, b"\xff{", content_type="text/plain")
    assert response.status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "nonsense",
        "sk-",
        f"sk-{'a' * 52}",
        f"Bearer sk-{'a' * 52}",
        "Bearer",
        "Basic x",
    ],
)
def test_it_refuses_a_bad_key(authorization):
    response = post(authorization)
    assert response.status_code == 401
    assert response.json() == {"message": "Unauthorized"}
    assert response["WWW-Authenticate"] == "Bearer"


def test_it_refuses_no_header():
    response = Http().post(URL)
    assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"})


def test_it_refuses_a_key_that_was_suspended():
    secret = make_secret()
    key = KeyFactory._meta.model.objects.get()
    suspend_key(key_id=key.pk)
    assert post(secret).status_code == 401


def test_it_does_not_exchange_a_token_for_another():
    token = post(make_secret()).json()["jwt"]
    assert post(f"Bearer {token}").status_code == 401
    assert post(token).status_code == 401


def test_it_does_not_know_the_header_of_another_interface():
    response = Http(headers={"FF-Auth": make_secret()}).post(URL)
    assert response.status_code == 401


@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE", "TRACE", "HEAD"])
@pytest.mark.parametrize("path", [URL, f"{URL}/"])
def test_it_knows_no_other_verb(verb, path):
    response = Http().generic(verb, path)
    shown = b"" if verb == "HEAD" else b'{"detail":"Method Not Allowed"}'
    assert (response.status_code, response["Allow"]) == (405, "OPTIONS, POST")
    assert response.content == shown


def test_it_takes_no_other_verb_from_a_header():
    headers = {"Authorization": make_secret(), "X-HTTP-Method-Override": "POST"}
    assert Http(headers=headers).get(URL).status_code == 405


def test_it_keeps_no_token_for_a_repeated_request():
    secret = make_secret()
    first = post(secret, **{"Idempotency-Key": "one"}).json()
    second = post(secret, **{"Idempotency-Key": "one"}).json()
    assert first["jwt"] != second["jwt"]
    assert not IdempotencyRecord.objects.exists()
