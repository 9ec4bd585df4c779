"""No credential is in a log, whatever became of it."""

import pytest
from django.test import Client as Http

from access import epoch
from access.models import Key
from access.scopes import STUDENTS_READ_SENSITIVE
from access.tokens import issue
from tests.access.factories import make_secret

pytestmark = pytest.mark.django_db

STUDENTS = "/api/students"


@pytest.fixture
def said(capfd, caplog, settings):
    """All that was logged, as the one text that it is."""
    settings.LOG_REQUESTS = True

    def said() -> str:
        captured = capfd.readouterr()
        return f"{captured.out}{captured.err}{caplog.text}"

    return said


@pytest.fixture
def secret():
    return make_secret(client__scopes=[STUDENTS_READ_SENSITIVE])


def ask(authorization: str, method="GET", path=STUDENTS, **headers) -> int:
    http = Http(headers={"Authorization": authorization, **headers})
    return http.generic(method, path).status_code


def test_no_key_is_logged(said, secret, monkeypatch):
    statuses = [
        ask(f"Bearer {secret}"),
        ask(f"Bearer {secret}", path=f"{STUDENTS}?key={secret}"),
        ask(
            "", path="/apis/registrations/units/x/registrations", **{"FF-Auth": secret}
        ),
        ask(secret, "POST", "/api/jwt"),
        ask(secret),
        ask(f"Bearer {secret}x"),
        ask(f"Bearer {secret}", "PATCH"),
    ]
    monkeypatch.setattr(epoch, "_away_until", float("inf"))
    statuses.append(ask(f"Bearer {secret}"))
    text = said()
    assert statuses == [200, 200, 403, 200, 401, 401, 405, 200]
    assert text.count('"event":"request"') == 8
    assert secret[15:] not in text


def test_no_token_is_logged(said, secret):
    token = issue(Key.objects.get(), [STUDENTS_READ_SENSITIVE]).jwt
    head, body, signature = token.split(".")
    statuses = [
        ask(f"Bearer {token}"),
        ask(f"Bearer {head}.{body}.{signature[:-9]}AAAAAAAAA"),
        ask(f"Bearer {token}.{signature}"),
        ask(token, "POST", "/api/jwt"),
    ]
    text = said()
    assert statuses == [200, 401, 401, 401]
    assert text.count('"event":"request"') == 4
    assert [part for part in (body, signature) if part[:20] in text] == []
