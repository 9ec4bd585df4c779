"""Clients, keys and the disclosure log in the admin."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.disclosure import disclose
from access.errors import Unauthorized
from access.models import Client, Disclosure, Key, KeyEvent
from access.recognition import recognise
from access.scopes import PEOPLE_PRIVATE, REGISTRATIONS_READ, SCOPES
from config.history import last_change
from tests.access.factories import ClientFactory, KeyFactory, make_secret
from tests.config.test_admin import form_of
from tests.factories import ProfileFactory
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db

CLIENTS = "/admin/access/client/"
KEYS = "/admin/access/key/"
SCREEN = "/admin/clients/"
DISCLOSURES = "/admin/access/disclosure/"
SECRET = re.compile(r"sk-[A-Za-z0-9]{52}")


@pytest.fixture
def operator():
    user = make_staff(username="operator")
    user.groups.add(Group.objects.get(name="Operator"))
    return signed_in(user)


@pytest.fixture
def registrar():
    user = make_staff(username="registrar")
    user.groups.add(Group.objects.get(name="Registrar"))
    return signed_in(user)


def text_of(response) -> str:
    return response.content.decode()


def page_of(what: str, key: Key) -> str:
    pages = {"new-key": f"{SCREEN}{key.client_id}/new-key/"}
    return pages.get(what, f"/admin/keys/{key.pk}/{what}/")


def errors_of(response) -> dict:
    return response.context_data["adminform"].form.errors


def test_a_client_is_registered_with_ticked_scopes(operator):
    ProfileFactory(pk="profile-1", netid="f003ghc")
    form = form_of(operator.get(f"{CLIENTS}add/")) | {
        "name": "Portal",
        "scopes": [REGISTRATIONS_READ, PEOPLE_PRIVATE],
        "acts_as": "f003ghc",
        "reason": "Asked for by the library",
    }
    response = operator.post(f"{CLIENTS}add/", form)
    client = Client.objects.get()
    change = last_change(client).pgh_context.metadata
    assert response.status_code == 302
    assert (client.name, client.scopes, client.subject, client.profile_id) == (
        "Portal",
        [REGISTRATIONS_READ, PEOPLE_PRIVATE],
        "f003ghc",
        "profile-1",
    )
    assert change["actor"] == {"staff": "operator"}
    assert change["reason"] == "Asked for by the library"


@pytest.mark.parametrize("scope", SCOPES)
def test_every_scope_has_a_box_with_its_sentence(operator, scope):
    page = text_of(operator.get(f"{CLIENTS}add/"))
    assert f'value="{scope}"' in page
    assert f'<span class="code">{scope}</span> {SCOPES[scope]}' in page


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("scopes", ["everything"], "Select a valid choice."),
        ("acts_as", "nobody", "There is nobody with that id or netid."),
        ("role", "KING", "Select a valid choice."),
        ("name", "", "This field is required."),
        ("rate_limit", "-1", "greater than or equal to 0"),
    ],
)
def test_a_client_is_refused_at_the_field(operator, field, value, fault):
    form = form_of(operator.get(f"{CLIENTS}add/")) | {"name": "Portal", field: value}
    response = operator.post(f"{CLIENTS}add/", form)
    assert fault in str(errors_of(response)[field])
    assert not Client.objects.exists()


def test_a_client_does_not_tell_an_operator_who_is_under_hold(operator):
    ProfileFactory(netid="f0hold1", is_confidential=True)
    form = form_of(operator.get(f"{CLIENTS}add/")) | {"name": "x", "acts_as": "f0hold1"}
    response = operator.post(f"{CLIENTS}add/", form)
    absent = operator.post(f"{CLIENTS}add/", form | {"acts_as": "f0hold2"})
    assert errors_of(response) == errors_of(absent)


def test_a_change_keeps_what_was_not_changed(operator):
    client = ClientFactory(
        scopes=[REGISTRATIONS_READ], subject="f003ghc", profile_id="profile-1"
    )
    url = f"{CLIENTS}{client.pk}/change/"
    operator.post(url, form_of(operator.get(url)) | {"purpose": "Transcripts"})
    client.refresh_from_db()
    assert (client.purpose, client.scopes, client.subject) == (
        "Transcripts",
        [REGISTRATIONS_READ],
        "f003ghc",
    )


@pytest.mark.django_db(transaction=True)
def test_a_client_is_suspended_at_its_next_request(operator):
    secret = make_secret()
    recognise(secret)
    url = f"{CLIENTS}{Client.objects.get().pk}/change/"
    operator.post(url, form_of(operator.get(url)) | {"status": "suspended"})
    with pytest.raises(Unauthorized):
        recognise(secret)


def test_a_revoked_client_stays_revoked(operator):
    client = ClientFactory(status="revoked")
    url = f"{CLIENTS}{client.pk}/change/"
    response = operator.post(url, form_of(operator.get(url)) | {"status": "active"})
    client.refresh_from_db()
    assert (response.status_code, client.status) == (409, "revoked")


def test_a_client_is_never_deleted(operator):
    client = ClientFactory()
    assert (
        operator.post(f"{CLIENTS}{client.pk}/delete/", {"post": "yes"}).status_code
        == 403
    )


def test_a_person_under_hold_is_no_initial_value_and_stays(operator):
    ProfileFactory(pk="held", netid="f0hold1", is_confidential=True)
    client = ClientFactory(subject="f0hold1", profile_id="held")
    url = f"{CLIENTS}{client.pk}/change/"
    page = operator.get(url)
    operator.post(url, form_of(page) | {"purpose": "Transcripts"})
    client.refresh_from_db()
    assert page.context_data["adminform"].form.initial["acts_as"] == ""
    assert (client.purpose, client.profile_id) == ("Transcripts", "held")


def test_the_screen_shows_each_client_with_its_keys(operator):
    used = timezone.now().replace(year=2024, month=3, day=1)
    client = ClientFactory(name="Portal", scopes=[REGISTRATIONS_READ])
    key = KeyFactory(client=client, note="First server", last_used_at=used)
    KeyFactory(client=client, status="revoked", note="Lost")
    ClientFactory(name="Timetable", status="suspended")
    page = text_of(operator.get(SCREEN))
    assert [page.count(word) for word in ("Portal", "Timetable")] == [1, 1]
    assert (REGISTRATIONS_READ in page, "Suspended" in page) == (True, True)
    assert ("First server" in page, str(key) in page, "1 Mar 2024" in page) == (
        True,
        True,
        True,
    )
    assert ("Lost" in page, "1 more" in page) == (False, True)


def test_the_screen_finds_clients_by_how_their_names_begin(operator):
    ClientFactory(name="Portal")
    ClientFactory(name="Timetable")
    page = text_of(operator.get(f"{SCREEN}?q=port"))
    assert ("Portal" in page, "Timetable" in page) == (True, False)


def test_the_screen_asks_as_often_for_many_clients_as_for_one(
    operator, django_assert_num_queries
):
    KeyFactory.create_batch(3)
    operator.get(SCREEN)  # the permissions are known from here on
    with CaptureQueriesContext(connection) as few:
        operator.get(SCREEN)
    KeyFactory.create_batch(20)
    with django_assert_num_queries(len(few)):
        operator.get(SCREEN)


def test_who_may_only_look_is_offered_nothing_to_do(operator):
    KeyFactory()
    auditor = make_staff(username="auditor")
    auditor.groups.add(Group.objects.get(name="Auditor"))
    words = ["Register a client", "New key", "Replace", "Revoke"]
    looked, kept = (
        text_of(signed_in(auditor).get(SCREEN)),
        text_of(operator.get(SCREEN)),
    )
    assert [word in looked for word in words] == [False] * 4
    assert [word in kept for word in words] == [True] * 4


def test_the_screen_is_for_who_may_see_clients():
    looker = signed_in(make_staff("registrations.view_registration"))
    assert looker.get(SCREEN).status_code == 403


def test_a_key_is_shown_once(operator):
    client = ClientFactory()
    url = f"{SCREEN}{client.pk}/new-key/"
    asked = operator.get(url)
    made = operator.post(url, {"note": "First"})
    (secret,) = SECRET.findall(text_of(made))
    later = operator.get(f"{CLIENTS}{client.pk}/change/")
    key = Key.objects.get()
    assert "no-store" in made["Cache-Control"]
    assert not SECRET.search(text_of(asked) + text_of(later))
    assert f"sk-{key.prefix}" in text_of(later)
    assert (key.note, recognise(secret)[0].client_id) == ("First", client.pk)


def test_the_history_of_a_key_holds_no_secret(operator):
    operator.post(f"{SCREEN}{ClientFactory().pk}/new-key/", {"note": "First"})
    names = {field.name for field in KeyEvent._meta.fields}
    assert not names & {"digest", "secret", "last_used_at"}
    assert last_change(Key.objects.get()).pgh_context.metadata["actor"] == {
        "staff": "operator"
    }


def test_a_key_is_replaced_with_an_overlap(operator):
    secret = make_secret(note="First")
    key = Key.objects.get()
    response = operator.post(page_of("replace", key), {"overlap": "2"})
    (new,) = SECRET.findall(text_of(response))
    key.refresh_from_db()
    assert recognise(secret)[0] == recognise(new)[0]
    assert (key.expires_at - key.created_at).total_seconds() == pytest.approx(7200, 60)


@pytest.mark.parametrize("overlap", ["", "-1", "2161", "two"])
def test_a_key_is_not_replaced_with_an_overlap_that_is_none(operator, overlap):
    key = KeyFactory()
    operator.post(page_of("replace", key), {"overlap": overlap})
    key.refresh_from_db()
    assert (Key.objects.count(), key.expires_at) == (1, None)


def test_a_client_that_was_revoked_gets_no_key(operator):
    client = ClientFactory(status="revoked")
    response = operator.post(f"{SCREEN}{client.pk}/new-key/", {"note": "x"})
    assert (response.status_code, Key.objects.count()) == (409, 0)


def test_a_key_is_revoked_with_a_reason(operator):
    key = KeyFactory()
    operator.post(page_of("revoke", key), {"reason": "It leaked"})
    key.refresh_from_db()
    assert key.standing == "revoked"
    assert last_change(key).pgh_context.metadata["reason"] == "It leaked"


def test_a_key_is_not_revoked_without_a_reason_or_by_a_look(operator):
    key = KeyFactory()
    operator.post(page_of("revoke", key), {"reason": " "})
    operator.get(page_of("revoke", key), {"reason": "It leaked"})
    key.refresh_from_db()
    assert key.standing == "active"


def test_a_key_is_suspended_on_its_page(operator):
    key = KeyFactory()
    url = f"{KEYS}{key.pk}/change/"
    operator.post(url, form_of(operator.get(url)) | {"status": "suspended"})
    key.refresh_from_db()
    assert key.standing == "suspended"


def test_no_page_shows_a_digest(operator):
    key = KeyFactory()
    pages = [f"{KEYS}{key.pk}/change/", KEYS, f"{CLIENTS}{key.client_id}/change/"]
    shown = "".join(text_of(operator.get(page)) for page in pages)
    assert key.digest.hex() not in shown
    assert str(bytes(key.digest)) not in shown


@pytest.mark.parametrize("page", ["new-key", "replace", "revoke"])
def test_keys_are_changed_only_by_who_may(page):
    key = KeyFactory()
    looker = signed_in(make_staff("access.view_client", "access.view_key"))
    sent = {"overlap": "1", "reason": "x"}
    assert looker.post(page_of(page, key), sent).status_code == 403
    key.refresh_from_db()
    assert (Key.objects.count(), key.standing) == (1, "active")


@pytest.mark.parametrize("page", ["new-key", "replace", "revoke"])
def test_there_is_no_key_of_nobody(operator, page):
    nothing = KeyFactory.build(pk="absent", client=ClientFactory.build(pk="absent"))
    assert operator.get(page_of(page, nothing)).status_code == 404


@pytest.fixture
def seen():
    """Somebody was shown two people's enrollments."""
    ProfileFactory(pk="profile-1", netid="f003ghc")
    disclose(
        door="enrollments",
        what="enrollments list",
        profile_ids=["profile-1", "profile-2"],
        staff="somebody",
        request_id="r-1",
    )


@pytest.mark.parametrize("words", ["profile-1", "f003ghc", "profile-2"])
def test_who_has_seen_a_student_is_found_and_logged(registrar, seen, words):
    page = text_of(registrar.get(f"{DISCLOSURES}?q={words}"))
    looking = Disclosure.objects.order_by("-pk").first()
    assert "enrollments list" in page
    assert looking.staff == "registrar"
    assert looking.profile_ids == [words.replace("f003ghc", "profile-1")]


def test_others_who_were_seen_are_not_found(registrar, seen):
    page = text_of(registrar.get(f"{DISCLOSURES}?q=profile-3"))
    assert "enrollments list" not in page


def test_one_disclosure_shows_whom_it_showed_and_is_logged(registrar, seen):
    row = Disclosure.objects.get()
    page = text_of(registrar.get(f"{DISCLOSURES}{row.pk}/change/"))
    looking = Disclosure.objects.order_by("-pk").first()
    assert "profile-2" in page
    assert looking.profile_ids == ["profile-1", "profile-2"]


def test_the_log_is_for_who_may_know_of_people_under_hold(seen):
    looker = signed_in(make_staff("access.view_disclosure"))
    assert looker.get(DISCLOSURES).status_code == 403


@pytest.mark.parametrize("page", ["add/", "{pk}/delete/"])
def test_the_log_is_not_written_by_hand(seen, page):
    url = DISCLOSURES + page.format(pk=Disclosure.objects.get().pk)
    assert make_admin().post(url, {"post": "yes"}).status_code == 403
    assert Disclosure.objects.filter(door="enrollments").exists()


@pytest.mark.parametrize("words", ["x" * 65, "profile-1,profile-2", "two words"])
def test_what_is_no_id_finds_nobody_and_is_not_logged(registrar, seen, words):
    response = registrar.get(DISCLOSURES, {"q": words})
    assert response.status_code == 200
    assert Disclosure.objects.count() == 1


@pytest.mark.parametrize("column", ["profile_ids__0", "profile_ids__icontains"])
def test_the_log_is_not_searched_by_a_way_that_is_not_logged(registrar, seen, column):
    assert registrar.get(DISCLOSURES, {column: "profile-1"}).status_code == 400


def test_no_column_that_is_hidden_can_be_asked_about(operator):
    assert operator.get(KEYS, {"digest__startswith": "a"}).status_code == 400


def test_the_quick_search_is_logged(registrar):
    first, second = ProfileFactory(netid="f00001"), ProfileFactory(netid="f00002")
    registrar.get("/admin/find/", {"q": "f0000"})
    assert set(Disclosure.objects.get().profile_ids) == {first.pk, second.pk}


def test_there_is_no_way_from_a_content_type_to_a_record(registrar):
    assert registrar.get("/admin/r/1/x/").status_code == 404
