"""Tokens of an outside identity provider, which is a process of its own."""

import base64
import hmac
import json
import subprocess
import sys
import time
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client as Http
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from access import issuers, recognition
from access.errors import Unauthorized
from access.operations import suspend_client
from access.recognition import recognise
from access.scopes import REGISTRATIONS_READ, REGISTRATIONS_WRITE
from tests.access.factories import ClientFactory, KeyFactory

pytestmark = pytest.mark.django_db

NAME = "https://login.example.org"
OTHER = "https://login.example.net"

FIRST, SECOND = (rsa.generate_private_key(65537, 2048) for _ in range(2))


class Provider:
    """The process, its keys, and the tokens that it signs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = {"one": FIRST}
        self.publish()
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{(self.folder / 'port').read_text()}/keys"

    @property
    def hits(self) -> int:
        hits = self.folder / "hits"
        return len(hits.read_text().splitlines()) if hits.exists() else 0

    def start(self) -> None:
        script = Path(__file__).with_name("identity_provider.py")
        self.process = subprocess.Popen([sys.executable, "-P", script, self.folder])
        deadline = time.monotonic() + 20
        while not (self.folder / "port").exists() and time.monotonic() < deadline:
            time.sleep(0.02)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def publish(self, **more) -> None:
        keys = [jwk(kid, key) for kid, key in self.keys.items()]
        (self.folder / "keys.json").write_text(json.dumps({"keys": keys, **more}))

    def token(self, kid="one", alg="RS256", headers=(), key=None, **claims) -> str:
        now = int(time.time())
        said = {"iss": NAME, "aud": "registry", "sub": "f003ghc", "azp": "portal"}
        said |= {"iat": now, "exp": now + 600} | claims
        kept = {name: value for name, value in said.items() if value is not None}
        signer = self.keys.get(kid) if key is None else key
        named = {"kid": kid, **dict(headers)}
        shown = {name: value for name, value in named.items() if value is not None}
        return jwt.encode(kept, signer, alg, shown)


def jwk(kid, key) -> dict:
    makers = {
        rsa.RSAPrivateKey: RSAAlgorithm,
        ec.EllipticCurvePrivateKey: ECAlgorithm,
        ed25519.Ed25519PrivateKey: OKPAlgorithm,
    }
    maker = next(maker for kind, maker in makers.items() if isinstance(key, kind))
    return {**json.loads(maker.to_jwk(key.public_key())), "kid": kid, "use": "sig"}


@pytest.fixture
def provider(tmp_path, settings):
    provider = Provider(tmp_path)
    settings.TRUSTED_ISSUERS = [
        {
            "issuer": NAME,
            "jwks_url": provider.url,
            "audience": "registry",
            "algorithms": ["RS256", "ES256", "EdDSA"],
            "scopes": [REGISTRATIONS_READ, REGISTRATIONS_WRITE],
            "roles": ["LECTURER"],
        }
    ]
    issuers.key_set.cache_clear()
    yield provider
    provider.stop()


@pytest.fixture
def portal():
    return ClientFactory(
        name="Portal",
        scopes=[REGISTRATIONS_READ],
        role="LECTURER",
        issuer=NAME,
        issuer_client_id="portal",
    )


@pytest.fixture
def later(monkeypatch):
    """Let the monotonic clock of the key sets and of the memory run ahead."""
    ahead = [0.0]
    clock = time.monotonic

    class Clock:
        monotonic = staticmethod(lambda: clock() + ahead[0])
        time = staticmethod(time.time)

    monkeypatch.setattr(issuers, "time", Clock)
    monkeypatch.setattr(recognition, "time", Clock)
    return lambda seconds: ahead.__setitem__(0, ahead[0] + seconds)


def scopes_of(token) -> set[str]:
    return set(recognise(token)[0].scopes)


def is_refused(token) -> bool:
    with pytest.raises(Unauthorized):
        recognise(token)
    return True


def test_it_recognises_the_client_that_its_token_names(provider, portal):
    token = provider.token(scope="registrations:read", role="LECTURER")
    caller, _ = recognise(token)
    assert caller.client_id == portal.pk
    assert caller.sub == "f003ghc"
    assert caller.name == "Portal"
    assert caller.role == "LECTURER"
    assert caller.scopes == {REGISTRATIONS_READ}
    assert caller.expires_at == caller.issued_at + 600


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": "registrations:read email"},
        {"scope": "registrations:read,email"},
        {"scope": ["registrations:read", 5]},
        {"scp": ["registrations:read"]},
        {"scp": "registrations:read"},
    ],
)
def test_it_reads_scopes_however_they_are_joined(provider, portal, claims):
    assert scopes_of(provider.token(**claims)) == {REGISTRATIONS_READ}


@pytest.mark.parametrize("claims", [{}, {"scope": 5}, {"scope": {"a": 1}}, {"scp": ""}])
def test_it_gives_nothing_for_scopes_that_are_none(provider, portal, claims):
    assert scopes_of(provider.token(**claims)) == set()


def test_it_drops_what_the_issuer_may_not_give(provider, portal):
    portal.scopes = [REGISTRATIONS_READ, "urn:dartmouth:people:private"]
    portal.role = "ADMIN"
    portal.save()
    token = provider.token(scope=" ".join(portal.scopes), role="ADMIN")
    caller, _ = recognise(token)
    assert caller.scopes == {REGISTRATIONS_READ}
    assert caller.role == ""


@pytest.mark.parametrize("role", [None, "ADMIN", "STUDENT", ["LECTURER"]])
def test_it_keeps_a_lecturer_to_what_is_theirs_whatever_the_role(
    provider, portal, role
):
    portal.lecturer_id = "lecturer-1"
    portal.save()
    caller, _ = recognise(provider.token(role=role))
    assert (caller.role, caller.only_of_lecturer) == ("", "lecturer-1")


def test_it_drops_what_the_client_was_not_registered_for(provider, portal):
    assert scopes_of(provider.token(scope="registrations:write")) == set()


def test_it_takes_the_names_of_the_claims_from_the_setting(provider, portal, settings):
    (entry,) = settings.TRUSTED_ISSUERS
    names = {"scope": "permissions", "role": "group", "sub": "netid"}
    settings.TRUSTED_ISSUERS = [{**entry, "claims": names}]
    token = provider.token(
        permissions=["registrations:read"], group="LECTURER", netid="f0027k4"
    )
    caller, _ = recognise(token)
    assert (caller.sub, caller.role) == ("f0027k4", "LECTURER")
    assert caller.scopes == {REGISTRATIONS_READ}


def test_it_knows_the_client_by_client_id_too(provider, portal):
    token = provider.token(azp=None, client_id="portal")
    assert recognise(token)[0].client_id == portal.pk


def test_it_prefers_the_netid_that_the_client_acts_as(provider, portal):
    portal.subject = "f0dc001"
    portal.save()
    assert recognise(provider.token())[0].sub == "f0dc001"


@pytest.mark.parametrize(
    "claims",
    [
        {"azp": "other"},
        {"azp": None},
        {"azp": "\0"},
        {"azp": {"a": 1}},
        {"azp": "x" * 300},
        {"iss": "https://elsewhere.example.org"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"exp": int(time.time()) - 61},
        {"nbf": int(time.time()) + 3600},
        {"exp": 0},
        {"exp": -1},
        {"iat": int(time.time()) + 3600},
        {"sub": "a\0b"},
        {"sub": "x" * 300},
        {"sub": "two\nlines"},
        {"exp": 10**400},
    ],
)
def test_it_refuses_what_a_token_may_not_say(provider, portal, claims):
    assert is_refused(provider.token(**claims))


def test_it_answers_401_where_no_client_is_registered_for_it(provider):
    """Nobody has named this issuer with that client id."""
    token = provider.token(scope="registrations:read")
    response = Http(headers={"Authorization": f"Bearer {token}"}).get("/api/students")
    assert response.status_code == 401
    assert response.json() == {"message": "Unauthorized"}


@pytest.fixture
def two(provider, settings, tmp_path_factory):
    """Another issuer that is trusted too, with a key of its own of the same name."""
    other = Provider(tmp_path_factory.mktemp("other"))
    other.keys = {"one": SECOND, "two": SECOND}
    other.publish()
    (entry,) = settings.TRUSTED_ISSUERS
    settings.TRUSTED_ISSUERS = [
        entry,
        {"issuer": OTHER, "jwks_url": other.url, "audience": "registry"},
    ]
    yield provider, other
    other.stop()


def test_each_issuer_speaks_for_itself_alone(two, portal):
    provider, other = two
    theirs = ClientFactory(issuer=OTHER, issuer_client_id="portal")
    claims = {"iss": OTHER, "scope": "registrations:read"}
    assert recognise(provider.token())[0].client_id == portal.pk
    assert recognise(other.token(**claims))[0].client_id == theirs.pk
    assert recognise(other.token(**claims))[0].scopes == frozenset()
    assert is_refused(other.token())  # in the name of the first
    assert is_refused(other.token("two"))
    assert is_refused(provider.token(iss=OTHER))
    assert is_refused(provider.token(headers={"kid": "two"}, key=FIRST, iss=OTHER))


def test_no_issuer_speaks_for_the_registry(provider, portal, settings):
    key = KeyFactory(client__scopes=[REGISTRATIONS_READ])
    own = {"iss": settings.PUBLIC_URL, "aud": settings.PUBLIC_URL}
    own |= {"sub": key.client_id, "jti": f"{key.prefix}.x", "role": "", "scope": ""}
    assert is_refused(provider.token(**own))


@pytest.mark.parametrize("headers", [{"crit": ["exp"]}, {"crit": ["x"], "x": 1}])
def test_it_refuses_an_extension_that_must_be_known(provider, portal, headers):
    assert is_refused(provider.token(headers=headers))


def test_it_allows_clocks_to_differ_by_a_minute(provider, portal):
    now = int(time.time())
    assert recognise(provider.token(exp=now - 30))
    assert recognise(provider.token(nbf=now + 30, jti="later"))


def test_it_refuses_another_key_of_the_same_name(provider, portal):
    stranger = SECOND
    assert is_refused(provider.token(key=stranger))


def test_it_refuses_a_token_without_a_signature(provider, portal):
    assert is_refused(provider.token(alg="none", key=""))


def test_it_refuses_a_shared_secret_made_of_the_public_key(provider, portal):
    public = provider.keys["one"].public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _, said, _ = provider.token().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').decode()
    signed = f"{head.rstrip('=')}.{said}"
    signature = hmac.digest(secret, signed.encode(), "sha256")
    end = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    assert is_refused(f"{signed}.{end}")


def test_it_refuses_an_algorithm_that_the_setting_does_not_name(provider, portal):
    assert is_refused(provider.token(alg="RS512"))
    assert is_refused(provider.token(alg="PS256"))


def test_it_refuses_an_algorithm_that_the_key_is_not_for(provider, portal):
    provider.keys["curve"] = ec.generate_private_key(ec.SECP256R1())
    provider.publish()
    assert recognise(provider.token("curve", "ES256"))
    assert is_refused(provider.token("curve", "RS256", key=provider.keys["one"]))


def test_it_takes_eddsa_where_the_setting_names_it(provider, portal):
    provider.keys["ed"] = ed25519.Ed25519PrivateKey.generate()
    provider.publish()
    assert recognise(provider.token("ed", "EdDSA"))


@pytest.mark.parametrize(
    "headers",
    [
        {"kid": "unknown"},
        {"kid": "../../etc/passwd"},
        {"kid": ""},
        {"jku": "http://127.0.0.1/keys", "kid": "unknown"},
    ],
)
def test_it_refuses_a_kid_that_was_not_published(provider, portal, headers):
    provider.keys["two"] = SECOND
    provider.publish()
    assert is_refused(provider.token(headers=headers))


def test_it_never_fetches_what_a_token_points_to(provider, portal):
    headers = {"jku": f"{provider.url}/jku", "x5u": f"{provider.url}/x5u"}
    assert recognise(provider.token(headers=headers))
    assert (provider.folder / "hits").read_text() == "/keys\n"


def test_it_never_trusts_a_key_that_a_token_brings(provider, portal):
    stranger = SECOND
    headers = {"jwk": jwk("one", stranger)}
    assert is_refused(provider.token(key=stranger, headers=headers))


def test_it_takes_the_only_key_where_a_token_names_none(provider, portal):
    token = provider.token(headers={"kid": None})
    assert jwt.get_unverified_header(token).get("kid") is None
    assert recognise(token)


def test_it_fetches_the_keys_once(provider, portal):
    recognise(provider.token())
    recognise(provider.token(jti="another"))
    assert provider.hits == 1


def test_it_fetches_again_for_a_new_key_once_it_has_cooled_down(
    provider, portal, later
):
    recognise(provider.token())
    provider.keys["two"] = SECOND
    provider.publish()
    assert is_refused(provider.token("two"))
    assert provider.hits == 1
    later(issuers.COOLDOWN + 1)
    assert recognise(provider.token("two"))
    assert provider.hits == 2


def test_it_fetches_no_oftener_however_many_kids_come(provider, portal, later):
    recognise(provider.token())
    later(issuers.COOLDOWN + 1)
    refused = [
        is_refused(provider.token(headers={"kid": f"k{number}"}))
        for number in range(20)
    ]
    assert all(refused)
    assert provider.hits == 2


def test_it_goes_on_with_its_copy_while_the_issuer_is_away(provider, portal, later):
    recognise(provider.token())
    provider.stop()
    later(issuers.FRESH + 1)
    assert recognise(provider.token())
    later(issuers.FRESH * 100)
    assert recognise(provider.token())


def test_it_refuses_what_it_cannot_check_while_the_issuer_is_away(provider, portal):
    provider.stop()
    assert is_refused(provider.token())


def test_it_gives_up_a_key_that_is_published_no_more(provider, portal, later):
    recognise(provider.token())
    provider.keys["two"] = SECOND
    token = provider.token()
    del provider.keys["one"]
    provider.publish()
    later(issuers.FRESH + 1)
    assert is_refused(token)


@pytest.mark.parametrize(
    "published",
    [
        b"",
        b"not json",
        b"[]",
        b'{"keys": 5}',
        b'{"keys": [5]}',
        b"\xff",
        b"[" * 100_000,
        b'{"keys": [' + b" " * 300_000 + b"]}",
    ],
)
def test_it_keeps_its_copy_when_what_comes_is_no_key_set(
    provider, portal, later, published
):
    recognise(provider.token())
    (provider.folder / "keys.json").write_bytes(published)
    later(issuers.FRESH + 1)
    assert recognise(provider.token(jti="another"))
    assert provider.hits == 2


def test_it_follows_no_redirect(provider, portal):
    (provider.folder / "location").write_text("/elsewhere")
    assert is_refused(provider.token())
    assert (provider.folder / "hits").read_text() == "/keys\n"


@pytest.mark.django_db(transaction=True)
def test_it_refuses_a_client_that_was_suspended_since(provider, portal):
    token = provider.token()
    assert recognise(token)
    suspend_client(client_id=portal.pk)
    assert is_refused(token)


def test_it_does_not_take_a_token_of_an_issuer_that_is_trusted_no_more(
    provider, portal, settings, later
):
    token = provider.token()
    assert recognise(token)
    settings.TRUSTED_ISSUERS = []
    later(recognition.REMEMBERED + 1)
    assert is_refused(token)
