"""Signing in to the admin."""

import base64
import re
import time
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import CommandError, call_command
from django.test import Client as Http
from django.utils import timezone

from access.codes import code_generator, new_key
from access.models import SecondFactor
from access.second_factor import set_up
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"


@pytest.fixture
def clerk():
    user = make_staff()
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def key(clerk):
    """The clerk has set up a second factor, a minute ago."""
    key = new_key()
    set_up(user=clerk, key=key, code=code_of(key))
    SecondFactor.objects.update(last_step=-1)
    return key


def code_of(key: bytes, ago: int = 0) -> str:
    generator = code_generator(key)
    generator.time = time.time() - ago
    return f"{generator.token():06d}"


def log_in(http=None, password=PASSWORD, code="", **meta):
    body = {"username": "clerk", "password": password, "code": code}
    return (http or Http()).post("/admin/login/?next=/admin/", body, **meta)


def is_in(response) -> bool:
    return response.status_code == 302 and response["Location"] == "/admin/"


def test_it_lets_staff_in_by_password(clerk):
    http = Http()
    assert is_in(log_in(http))
    assert http.get("/admin/").status_code == 200


def test_it_asks_for_a_code_in_the_form(clerk):
    page = Http().get("/admin/login/").content.decode()
    assert 'name="code"' in page


def test_it_refuses_a_wrong_password(clerk):
    assert not is_in(log_in(password="wrong"))


@pytest.mark.parametrize("name", ["x" * 300, "ﷺ" * 20, "\0"])
def test_it_refuses_any_name(clerk, name):
    body = {"username": name, "password": "wrong"}
    response = Http().post("/admin/login/", body)
    assert (response.status_code, "_auth_user_id" in response.cookies) == (200, False)


@pytest.mark.parametrize(
    "place",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "http://testserver@elsewhere.example/",
    ],
)
def test_it_leads_to_no_other_site(clerk, place):
    query = urlencode({"next": place})
    body = {"username": "clerk", "password": PASSWORD, "next": place}
    assert is_in(Http().post(f"/admin/login/?{query}", body))


@pytest.mark.parametrize(
    "form",
    [
        "application/x-www-form-urlencoded; charset=utf-7",
        "multipart/form-data",
    ],
)
def test_it_refuses_a_form_that_cannot_be_read(form):
    response = Http(enforce_csrf_checks=True).generic(
        "POST", "/admin/login/", b"x", form, headers={"Cookie": f"csrftoken={'a' * 32}"}
    )
    assert response.status_code == 400


def test_it_begins_a_session_of_a_new_key(clerk):
    known = signed_in(make_staff(username="thief"))
    before = known.cookies["sessionid"].value
    assert is_in(log_in(known))
    assert known.cookies["sessionid"].value != before
    assert not SessionStore(before).exists(before)


def test_it_takes_no_form_of_another_site(clerk):
    http = Http(enforce_csrf_checks=True)
    assert log_in(http).status_code == 403
    http.get("/admin/login/")
    assert log_in(http).status_code == 403
    assert http.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "key",
    ['"\\000aaaaaaaaaaaaaaaaaaa"', '"\\377aaaaaaaaaaaaaaaaaaa"', "x" * 5000, "ü" * 32],
)
def test_it_takes_a_cookie_that_no_session_has_for_none(key):
    http = Http(headers={"Cookie": f"sessionid={key}"})
    assert http.get("/admin/").status_code == 302


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/access/client/add/"])
def test_a_form_of_too_many_fields_is_refused(clerk, settings, path):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    fields = urlencode({f"field{number}": 1 for number in range(21)})
    form = "application/x-www-form-urlencoded"
    response = signed_in(clerk).post(path, fields, content_type=form)
    assert response.status_code == 400


def test_it_asks_who_has_a_second_factor_for_its_code(clerk, key):
    assert not is_in(log_in())
    SecondFactor.objects.update(throttling_failure_timestamp=None)
    assert is_in(log_in(code=code_of(key)))


def test_it_takes_a_code_that_is_spelled_with_a_space(clerk, key):
    code = code_of(key)
    assert is_in(log_in(code=f"{code[:3]} {code[3:]}"))


@pytest.mark.parametrize("ago", [600, -600])
def test_it_refuses_a_code_of_another_time(clerk, key, ago):
    assert not is_in(log_in(code=code_of(key, ago)))


def test_it_refuses_a_code_that_was_used(clerk, key):
    code = code_of(key)
    assert is_in(log_in(code=code))
    assert not is_in(log_in(code=code))


def test_it_makes_whoever_guesses_wait(clerk, key):
    log_in(code="000000")
    assert SecondFactor.objects.get().throttling_failure_count == 1
    SecondFactor.objects.update(
        throttling_failure_count=10, throttling_failure_timestamp=timezone.now()
    )
    assert not is_in(log_in(code=code_of(key)))


def test_it_refuses_the_code_of_somebody_else(clerk, key):
    other = make_staff(username="other")
    other_key = new_key()
    set_up(user=other, key=other_key, code=code_of(other_key))
    SecondFactor.objects.update(last_step=-1)
    assert not is_in(log_in(code=code_of(other_key)))


def test_it_takes_a_recovery_code_once(clerk):
    key = new_key()
    codes = set_up(user=clerk, key=key, code=code_of(key))
    assert len(set(codes)) == 8
    assert is_in(log_in(code=codes[3].upper()))
    assert not is_in(log_in(code=codes[3]))
    assert len(SecondFactor.objects.get().recovery_digests) == 7


def test_it_stores_neither_key_nor_recovery_codes(clerk):
    key = new_key()
    codes = set_up(user=clerk, key=key, code=code_of(key))
    factor = SecondFactor.objects.get()
    assert key not in bytes(factor.sealed_key)
    assert not {*codes} & {*factor.recovery_digests}


def test_it_asks_a_session_that_is_older_than_the_second_factor_too(clerk):
    http = signed_in(clerk)
    assert http.get("/admin/").status_code == 200
    key = new_key()
    set_up(user=clerk, key=key, code=code_of(key))
    assert http.get("/admin/").status_code == 302


def test_a_second_factor_is_set_up_in_the_admin(clerk):
    http = signed_in(clerk)
    page = http.get("/admin/second-factor/").content.decode()
    spelled = re.search(r"<code>([A-Z2-7]{32})</code>", page)[1]
    response = http.post("/admin/second-factor/", {"code": code_spelled(spelled)})
    assert len(re.findall(r"<code>[a-z2-7]{16}</code>", response.content.decode())) == 8
    assert http.get("/admin/").status_code == 200
    assert SecondFactor.objects.get().user == clerk


def code_spelled(text: str) -> str:
    return code_of(base64.b32decode(text))


def test_a_wrong_code_sets_nothing_up(clerk):
    http = signed_in(clerk)
    response = http.post("/admin/second-factor/", {"code": "abc"})
    assert "That is not the code of now" in response.content.decode()
    assert not SecondFactor.objects.exists()


def test_a_second_factor_is_not_replaced_by_who_has_only_the_password(clerk, key):
    http = signed_in(clerk)
    response = http.get("/admin/second-factor/")
    assert (response.status_code, response["Location"]) == (302, "/admin/login/")


@pytest.mark.parametrize("attributes", [{"is_staff": False}, {"is_active": False}])
def test_only_staff_set_up_a_second_factor(clerk, attributes):
    get_user_model().objects.update(**attributes)
    response = signed_in(clerk).get("/admin/second-factor/")
    assert response.status_code == 302


def test_the_setting_makes_everybody_set_one_up_first(clerk, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    http = Http()
    assert is_in(log_in(http))
    response = http.get("/admin/", follow=True)
    assert [url for url, _ in response.redirect_chain] == [
        "/admin/login/?next=/admin/",
        "/admin/second-factor/",
    ]


def test_the_setting_lets_in_who_has_one(clerk, key, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    http = Http()
    assert is_in(log_in(http, code=code_of(key)))
    assert http.get("/admin/").status_code == 200


def test_a_lost_second_factor_is_taken_away_by_a_command(clerk, key):
    call_command("resetsecondfactor", "clerk")
    assert is_in(log_in())
    with pytest.raises(CommandError, match="clerk has no second factor."):
        call_command("resetsecondfactor", "clerk")


def test_it_locks_out_after_five_wrong_passwords(clerk):
    statuses = [log_in(password="wrong").status_code for _ in range(5)]
    response = log_in()
    assert statuses == [200, 200, 200, 200, 429]
    assert response.status_code == 429
    assert "Too many wrong passwords." in response.content.decode()


def test_it_locks_out_nobody_elsewhere(clerk):
    for_long = [log_in(password="wrong").status_code for _ in range(6)]
    assert for_long[-1] == 429
    assert is_in(log_in(REMOTE_ADDR="192.0.2.7"))


def test_it_forgets_wrong_passwords_after_a_right_one(clerk):
    tried = [log_in(password="wrong").status_code for _ in range(4)]
    assert is_in(log_in())
    tried += [log_in(password="wrong").status_code for _ in range(4)]
    assert tried == [200] * 8


def test_a_session_opens_no_interface(clerk):
    response = signed_in(clerk).get("/api/tasks/63f384e0edba4dc38df70324")
    assert response.status_code == 401
