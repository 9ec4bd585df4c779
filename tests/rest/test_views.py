"""What the base view promises for every endpoint, on an interface of its own."""

import json

import pytest
from django.db import connection
from django.test import Client as Http

from access.models import Disclosure, IdempotencyRecord
from access.operations import create_client, create_key
from access.scopes import REGISTRATIONS_READ, REGISTRATIONS_WRITE
from students.models import Profile, ProfileEvent
from tests.rest.interface import end_connection

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.rest.interface")]


@pytest.fixture
def profile():
    return Profile.objects.create(pk="a" * 24, first_name="Ada", last_name="Lovelace")


@pytest.fixture
def client_of():
    def made(*scopes):
        client = create_client(name="Notes", scopes=list(scopes))
        key = create_key(client_id=client.pk).secret
        return Http(headers={"Authorization": f"Bearer {key}"})

    return made


@pytest.fixture
def notes(client_of):
    return client_of(REGISTRATIONS_READ, REGISTRATIONS_WRITE)


def put(http, body, path="/notes/" + "a" * 24, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body)
    return http.put(path, raw, content_type="application/json", headers=headers)


def test_it_answers_with_and_without_a_slash(notes, profile):
    first = notes.get(f"/notes/{profile.pk}")
    second = notes.get(f"/notes/{profile.pk}/")
    assert first.json() == second.json() == {"id": profile.pk, "first_name": "Ada"}


def test_it_shows_head_what_get_has(notes, profile):
    response = notes.head(f"/notes/{profile.pk}")
    assert response.status_code == 200
    assert response["ETag"] == notes.get(f"/notes/{profile.pk}")["ETag"]


def test_it_says_405_before_it_asks_who(profile):
    response = Http().delete(f"/notes/{profile.pk}")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS, PUT"
    assert response.json()["error"] == "method_not_allowed"


def test_it_answers_options_to_anybody(profile):
    response = Http().options(f"/notes/{profile.pk}")
    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == "GET, HEAD, OPTIONS, PUT"


def test_it_says_401_before_403_and_404():
    response = Http().get("/notes/unknown")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def test_it_says_403_before_404(client_of):
    assert client_of().get("/notes/unknown").status_code == 403


def test_it_says_404_before_it_reads_the_body(notes):
    assert put(notes, b"{", "/notes/unknown").status_code == 404


@pytest.mark.parametrize("pk", ["%00", "a%20b", "x" * 200, "%F0%9F%98%80", "%ff"])
def test_it_finds_nothing_by_an_id_that_cannot_be(notes, pk):
    assert notes.get(f"/notes/{pk}").status_code == 404


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b" " * (5 * 1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_it_refuses_a_body_that_cannot_be_read(
    notes, profile, raw, content_type, status
):
    response = notes.put(f"/notes/{profile.pk}", raw, content_type=content_type)
    assert response.status_code == status
    profile.refresh_from_db()
    assert profile.first_name == "Ada"


def test_it_names_the_attribute_at_fault(notes, profile):
    response = put(notes, {"first_name": "Grace", "surname": "Hopper"})
    assert response.status_code == 400
    assert response.json()["field"] == "surname"


def test_it_says_a_conflict_in_the_shape_of_the_interface(notes, profile):
    response = put(notes, {"first_name": "Taken"})
    assert response.status_code == 409
    assert response.json() == {
        "error": "conflict",
        "message": "Somebody has that name.",
        "field": "first_name",
    }


def test_it_says_a_bug_without_its_details(notes):
    response = notes.get("/notes/failing?how=bug")
    assert response.status_code == 500
    assert "bug" not in response.content.decode()


def test_it_answers_an_unknown_url_in_the_shape_of_its_interface(notes):
    response = notes.get("/notes/a/b/c")
    assert response.status_code == 404
    assert response.json()["error"] == "not_found"


def test_it_answers_an_unknown_url_elsewhere_plainly():
    response = Http().get("/nowhere")
    assert (response.status_code, response.json()) == (404, {"message": "Not Found"})


def test_it_names_unknown_query_parameters(notes, profile):
    response = notes.get(f"/notes/{profile.pk}?colour=red&size=1")
    assert response.status_code == 200
    assert response["Warning"] == '299 - "Ignored query parameters: size"'


def test_it_refuses_a_query_that_is_no_text(notes, profile):
    assert notes.get(f"/notes/{profile.pk}?colour=%00").status_code == 400


def test_it_echoes_a_sane_request_id_and_makes_one_otherwise(notes, profile):
    sane = notes.get(f"/notes/{profile.pk}", headers={"X-Request-Id": "abc.1"})
    odd = notes.get(f"/notes/{profile.pk}", headers={"X-Request-Id": "a b"})
    assert sane["X-Request-Id"] == "abc.1"
    assert len(odd["X-Request-Id"]) == 24


def test_it_answers_304_to_who_has_the_body(notes, profile):
    tag = notes.get(f"/notes/{profile.pk}")["ETag"]
    Disclosure.objects.all().delete()
    response = notes.get(f"/notes/{profile.pk}", headers={"If-None-Match": tag})
    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == tag
    assert not Disclosure.objects.exists()


def test_it_logs_whose_record_was_released(notes, profile):
    notes.get(f"/notes/{profile.pk}", headers={"X-Request-Id": "seen-1"})
    log = Disclosure.objects.get()
    assert log.profile_ids == [profile.pk]
    assert (log.door, log.request_id) == ("notes", "seen-1")


def test_it_keeps_who_by_which_door_and_why(notes, profile):
    put(
        notes,
        {"first_name": "Grace"},
        **{"X-Request-Id": "changed-1", "X-Change-Reason": "A typing error"},
    )
    event = ProfileEvent.objects.get(pgh_label="update")
    context = event.pgh_context.metadata
    assert context["door"] == "notes"
    assert context["request_id"] == "changed-1"
    assert context["reason"] == "A typing error"
    assert set(context["actor"]) == {"client", "sub"}


@pytest.mark.parametrize("reason", ["", "x" * 501])
def test_it_refuses_a_reason_that_is_none(notes, profile, reason):
    response = put(notes, {"first_name": "Grace"}, **{"X-Change-Reason": reason})
    assert response.status_code == 400


def test_a_dry_run_answers_and_changes_nothing(notes, profile):
    response = put(notes, {"first_name": "Grace"}, f"/notes/{profile.pk}?dry_run=true")
    assert response.status_code == 200
    assert response.json() == {"id": profile.pk, "first_name": "Grace"}
    assert response["Dry-Run"] == "true"
    assert "Warning" not in response
    profile.refresh_from_db()
    assert profile.first_name == "Ada"


def test_a_dry_run_names_no_place_of_what_was_not_made(notes):
    response = notes.post("/notes?dry_run=true", b"{}", "application/json")
    assert response.status_code == 201
    assert "Location" not in response
    assert not Profile.objects.exists()


def test_a_dry_run_is_true_or_false(notes, profile):
    response = put(notes, {"first_name": "Grace"}, f"/notes/{profile.pk}?dry_run=1")
    assert response.status_code == 400


def test_a_dry_run_takes_no_idempotency_key(notes, profile):
    response = put(
        notes,
        {"first_name": "Grace"},
        f"/notes/{profile.pk}?dry_run=true",
        **{"Idempotency-Key": "k"},
    )
    assert response.status_code == 400


def test_it_does_a_request_with_a_key_once(notes):
    headers = {"Idempotency-Key": "once"}
    first = notes.post("/notes", b"{}", "application/json", headers=headers)
    again = notes.post("/notes", b"{}", "application/json", headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert Profile.objects.count() == 1


def test_it_logs_a_replay_like_any_answer(notes, profile):
    headers = {"Idempotency-Key": "once"}
    put(notes, {"first_name": "Grace"}, **headers)
    put(notes, {"first_name": "Grace"}, **headers)
    assert [*Disclosure.objects.values_list("profile_ids", flat=True)] == [
        [profile.pk],
        [profile.pk],
    ]


def test_it_refuses_another_request_with_the_same_key(notes, profile):
    headers = {"Idempotency-Key": "once"}
    put(notes, {"first_name": "Grace"}, **headers)
    response = put(notes, {"first_name": "Joan"}, **headers)
    assert response.status_code == 422
    profile.refresh_from_db()
    assert profile.first_name == "Grace"


def test_it_stores_no_answer_that_refused(notes, profile):
    put(notes, {"first_name": "Taken"}, **{"Idempotency-Key": "once"})
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "ü"])
def test_it_refuses_a_key_that_is_none(notes, profile, key):
    response = put(notes, {"first_name": "Grace"}, **{"Idempotency-Key": key})
    assert response.status_code == 400


def test_it_refuses_if_match_where_it_means_nothing(notes):
    response = notes.post(
        "/notes", b"{}", "application/json", headers={"If-Match": '"1"'}
    )
    assert response.status_code == 400
    assert not Profile.objects.exists()


@pytest.fixture
def lost_connection(profile):
    end_connection()


@pytest.mark.django_db(transaction=True)
def test_it_reads_again_on_a_new_connection(notes, lost_connection):
    response = notes.get("/notes/" + "a" * 24)
    assert (response.status_code, response.json()["first_name"]) == (200, "Ada")
    assert Disclosure.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_writes_again_on_a_new_connection(notes, lost_connection):
    response = put(notes, {"first_name": "Grace"})
    assert (response.status_code, response.json()["first_name"]) == (200, "Grace")
    assert ProfileEvent.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_it_does_not_write_again_when_the_commit_was_lost(notes):
    response = notes.post("/notes/lost", {}, content_type="application/json")
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert response.json()["error"] == "outcome_unknown"
    assert not Profile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_plans_again_what_a_migration_has_changed(notes):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE note_count AS SELECT 7 AS notes")
        assert notes.get("/notes/count").json() == [[7]]
        cursor.execute("ALTER TABLE note_count ALTER notes TYPE text")
    assert notes.get("/notes/count").json() == [["7"]]
