"""The commands that register clients and keep their keys."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from access.errors import Unauthorized
from access.models import (
    Client,
    ClientEvent,
    Disclosure,
    Key,
    KeyEvent,
    SigningKey,
)
from access.recognition import recognise
from access.scopes import REGISTRATIONS_READ
from offerings.models import Lecturer
from students.models import Profile
from tests.access.factories import ClientFactory, KeyFactory, make_secret

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # commits, as a server does


def printed(capsys, *arguments, **options):
    call_command(*arguments, **options)
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def person():
    Lecturer.objects.create(pk="lecturer-1", netid="f003ghc", first_name="Integration")
    return Profile.objects.create(pk="profile-1", netid="f003ghc", last_name="User")


def test_createclient_prints_the_client_and_its_key(capsys):
    answer = printed(
        capsys,
        "createclient",
        "Portal",
        "--scope=registrations:read",
        "--role=ADMIN",
        "--format=json",
    )
    client = Client.objects.get()
    caller, _ = recognise(answer["key"])
    assert answer == {"client": client.pk, "key": answer["key"]}
    assert (client.name, client.scopes, client.role) == (
        "Portal",
        [REGISTRATIONS_READ],
        "ADMIN",
    )
    assert caller.client_id == client.pk


def test_createclient_takes_all_that_a_client_has():
    call_command(
        "createclient",
        "Portal",
        "--contact=portal@example.org",
        "--purpose=Transcripts",
        "--rate-limit=60",
        "--expires-at=2030-01-31T12:00:00Z",
    )
    client = Client.objects.get()
    assert (client.contact, client.purpose, client.rate_limit) == (
        "portal@example.org",
        "Transcripts",
        60,
    )
    assert client.expires_at == datetime(2030, 1, 31, 12, tzinfo=UTC)


def test_createclient_says_who_did_it():
    call_command("createclient", "Portal")
    event = ClientEvent.objects.select_related("pgh_context").get()
    assert event.pgh_context.metadata["door"] == "command"
    assert event.pgh_context.metadata["actor"]["command"] == "createclient"


@pytest.mark.parametrize("identifier", ["profile-1", "f003ghc", "lecturer-1"])
def test_createclient_acts_as_all_that_a_person_is(person, identifier):
    call_command("createclient", "Portal", f"--acts-as={identifier}")
    client = Client.objects.get()
    assert client.subject == "f003ghc"
    assert client.profile_id == "profile-1"
    assert client.lecturer_id == "lecturer-1"


def test_createclient_names_who_is_a_lecturer_alone_by_the_id_of_the_client():
    Lecturer.objects.create(pk="lecturer-2", netid="f0alone", first_name="Ada")
    call_command("createclient", "Portal", "--acts-as=f0alone")
    client = Client.objects.get()
    assert (client.profile_id, client.lecturer_id) == ("", "lecturer-2")
    assert (client.subject, client.sub) == ("", client.pk)


def test_createclient_prefers_the_id_of_a_profile(person):
    Profile.objects.create(pk="f003ghc", netid="f0other", last_name="Other")
    call_command("createclient", "Portal", "--acts-as=f003ghc")
    assert Client.objects.get().subject == "f0other"


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--acts-as=nobody", "No profile, netid or lecturer has the id 'nobody'."),
        ("--scope=everything", "Unknown scope: everything"),
        ("--issuer-client-id=x", "An issuer and the client's id there go together."),
    ],
)
def test_createclient_refuses_with_a_sentence(option, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("createclient", "Portal", option)
    assert not Client.objects.exists()


def test_createclient_makes_no_key_for_tokens_from_elsewhere(capsys):
    answer = printed(
        capsys,
        "createclient",
        "Portal",
        "--issuer=https://login.example.org",
        "--issuer-client-id=portal",
    )
    assert answer == {"client": Client.objects.get().pk, "key": None}
    assert not Key.objects.exists()


def test_createkey_gives_one_more_key(capsys):
    client = ClientFactory()
    answer = printed(capsys, "createkey", client.pk, "--note=Second")
    assert answer["client"] == client.pk
    assert recognise(answer["key"])[0].client_id == client.pk
    assert Key.objects.get().note == "Second"


def test_createkey_makes_a_key_that_ends():
    client = ClientFactory()
    call_command("createkey", client.pk, "--expires-at=2030-01-31T12:00:00Z")
    assert Key.objects.get().expires_at == datetime(2030, 1, 31, 12, tzinfo=UTC)


def test_a_key_is_stored_as_its_digest_and_said_nowhere_else(capsys, caplog):
    secret = printed(capsys, "createclient", "Portal", "--scope=registrations:read")[
        "key"
    ]
    key = Key.objects.get()
    call_command("revokekey", secret, "--suspend")
    call_command("revokekey", secret, "--resume")
    call_command("listclients", format="json")
    said = capsys.readouterr()
    kept = [*Key.objects.values(), *KeyEvent.objects.values(), *contexts()]
    assert bytes(key.digest) == hashlib.sha256(secret.encode()).digest()
    assert secret[15:] not in f"{said.out}{said.err}{caplog.text}{kept}"


def contexts():
    return KeyEvent.objects.values_list("pgh_context__metadata", flat=True)


def test_no_command_repeats_a_secret_that_it_was_given(capsys):
    with pytest.raises(CommandError) as refusal:
        call_command("revokekey", f"sk-{'a' * 52}")
    said = capsys.readouterr()
    assert "a" * 13 not in f"{refusal.value}{said.out}{said.err}"


def test_createkey_replaces_a_key_with_an_overlap(capsys):
    secret = make_secret(note="First")
    old = Key.objects.get()
    answer = printed(capsys, "createkey", f"--replaces={old}", "--overlap=1")
    old.refresh_from_db()
    assert recognise(secret)[0] == recognise(answer["key"])[0]
    assert (old.expires_at - old.created_at).total_seconds() == pytest.approx(3600, 60)
    assert [key.note for key in Key.objects.all()] == ["First", "First"]


def test_createkey_ends_the_replaced_key_at_once_without_an_overlap(capsys):
    secret = make_secret()
    printed(capsys, "createkey", f"--replaces={Key.objects.get()}", "--overlap=0")
    with pytest.raises(Unauthorized):
        recognise(secret)


@committed
def test_revokekey_suspends_resumes_and_revokes():
    secret = make_secret()
    key = Key.objects.get()
    call_command("revokekey", f"sk-{key.prefix}", "--suspend")
    with pytest.raises(Unauthorized):
        recognise(secret)
    call_command("revokekey", key.prefix, "--resume")
    assert recognise(secret)[0].client_id == key.client_id
    call_command("revokekey", key.prefix)
    with pytest.raises(Unauthorized):
        recognise(secret)


def test_revokekey_is_for_good():
    key = KeyFactory(status="revoked")
    with pytest.raises(CommandError, match="which is for good"):
        call_command("revokekey", key.prefix, "--resume")
    key.refresh_from_db()
    assert key.status == "revoked"


@committed
def test_suspendclient_refuses_all_its_keys_until_it_is_resumed():
    secret = make_secret()
    client = Client.objects.get()
    call_command("suspendclient", client.pk)
    with pytest.raises(Unauthorized):
        recognise(secret)
    call_command("suspendclient", client.pk, "--resume")
    assert recognise(secret)[0].client_id == client.pk


def test_listclients_shows_keys_by_prefix_and_no_secret(capsys):
    key = KeyFactory(client__name="Portal", client__scopes=[REGISTRATIONS_READ])
    assert printed(capsys, "listclients", "--format=json") == [
        {
            "id": key.client_id,
            "name": "Portal",
            "status": "active",
            "role": "",
            "scopes": REGISTRATIONS_READ,
            "acts_as": "",
            "keys": f"sk-{key.prefix} active",
        }
    ]


def test_listclients_says_how_each_key_stands(capsys):
    client = ClientFactory(name="Portal", expires_at=timezone.now())
    attributes = [{}, {"status": "suspended"}, {"status": "revoked"}]
    attributes += [{"expires_at": timezone.now()}]
    keys = [KeyFactory(client=client, **each) for each in attributes]
    (row,) = printed(capsys, "listclients", "--format=json")
    standings = ["active", "suspended", "revoked", "expired"]
    assert row["status"] == "expired"
    assert row["keys"] == ", ".join(
        f"{key} {standing}" for key, standing in zip(keys, standings, strict=True)
    )


def test_listclients_prints_a_table(capsys):
    KeyFactory(client__name="Portal")
    call_command("listclients")
    assert "Portal" in capsys.readouterr().out


def test_rotatesigningkey_signs_with_a_new_key():
    call_command("rotatesigningkey")
    first = SigningKey.objects.get(signs=True)
    call_command("rotatesigningkey")
    assert SigningKey.objects.filter(signs=True).exclude(pk=first.pk).count() == 1
    assert SigningKey.objects.count() == 2


def test_disclosures_lists_who_has_seen_a_student_and_is_logged(capsys, person):
    assert printed(capsys, "disclosures", "--student=f003ghc", "--format=json") == []
    (row,) = printed(capsys, "disclosures", "--student=profile-1", "--format=json")
    assert row["what"] == "disclosures"
    assert row["staff"].endswith("by disclosures")
    assert Disclosure.objects.count() == 2
