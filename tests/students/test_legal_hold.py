"""A legal hold is placed and lifted with a reason, by the desk or by a command."""

import json

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from access.models import Disclosure
from config.history import events_of
from students.errors import NotUnderLegalHold, StudentNotFound, UnderLegalHold
from students.legal_holds import lift_legal_hold, place_legal_hold
from students.models import LegalHold
from tests.factories import ProfileFactory
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile():
    return ProfileFactory(netid="f002qt1")


def url_of(profile):
    return f"/admin/student/{profile.pk}/legal-hold/"


def reasons():
    events = events_of(LegalHold).order_by("pgh_id").select_related("pgh_context")
    return [(event.pgh_label, event.pgh_context.metadata["reason"]) for event in events]


def test_it_is_placed_and_lifted_once(profile):
    hold = place_legal_hold(profile_id=profile.pk, reason="a lawsuit")
    assert (hold.profile, hold.reason) == (profile, "a lawsuit")
    with pytest.raises(UnderLegalHold):
        place_legal_hold(profile_id=profile.pk, reason="another")
    assert LegalHold.objects.get().reason == "a lawsuit"

    lift_legal_hold(profile_id=profile.pk, reason="settled")
    assert not LegalHold.objects.exists()
    with pytest.raises(NotUnderLegalHold):
        lift_legal_hold(profile_id=profile.pk, reason="settled")


def test_it_is_of_a_student_who_exists():
    with pytest.raises(StudentNotFound):
        place_legal_hold(profile_id="nobody", reason="a lawsuit")


def test_the_desk_places_and_lifts_it_with_a_reason(profile):
    desk = make_admin()

    desk.post(url_of(profile), {"reason": "a lawsuit"})
    assert LegalHold.objects.get().profile == profile
    desk.post(url_of(profile), {"reason": "settled", "lift": "on"})

    assert not LegalHold.objects.exists()
    assert reasons() == [("insert", "a lawsuit"), ("delete", "settled")]
    page = desk.get(f"/admin/student/{profile.pk}/history/").content.decode()
    assert "settled" in page


@pytest.mark.parametrize("reason", ["", " ", "x" * 501])
def test_the_desk_asks_for_a_reason(profile, reason):
    answer = make_admin().post(url_of(profile), {"reason": reason}, follow=True)

    assert "Say why" in answer.content.decode()
    assert not LegalHold.objects.exists()


def test_the_desk_says_that_it_is_placed_already(profile):
    place_legal_hold(profile_id=profile.pk, reason="a lawsuit")

    answer = make_admin().post(url_of(profile), {"reason": "again"}, follow=True)

    assert "is under legal hold already" in answer.content.decode()
    assert LegalHold.objects.get().reason == "a lawsuit"


def test_the_desk_does_it_only_by_post(profile):
    assert make_admin().get(url_of(profile)).status_code == 404


def test_it_is_for_the_registrar_and_shown_to_the_auditor(profile):
    auditor = make_staff(username="auditor")
    auditor.groups.add(Group.objects.get(name="Auditor"))

    refused = signed_in(auditor).post(url_of(profile), {"reason": "mine"})
    page = signed_in(auditor).get(f"/admin/student/{profile.pk}/")

    assert refused.status_code == 403
    assert not LegalHold.objects.exists()
    panel = page.context_data["panels"][-1]
    assert (panel.name, panel.shown["may_change"]) == ("legal-hold", False)


def test_a_person_who_may_only_see_students_is_not_told(profile):
    clerk = signed_in(make_staff("students.view_profile"))

    page = clerk.get(f"/admin/student/{profile.pk}/")

    assert "legal-hold" not in [panel.name for panel in page.context_data["panels"]]


def test_the_command_places_lists_and_lifts_it(profile, capsys):
    call_command("legalhold", "f002qt1", "--reason", "a lawsuit")
    call_command("legalhold", "--format", "json")
    (listed,) = json.loads(capsys.readouterr().out)
    del listed["since"]
    assert listed == {
        "profile": profile.pk,
        "netid": "f002qt1",
        "reason": "a lawsuit",
    }

    call_command("legalhold", "f002qt1", "--lift", "--reason", "settled")
    assert not LegalHold.objects.exists()
    assert reasons() == [("insert", "a lawsuit"), ("delete", "settled")]
    assert [each.profile_ids for each in Disclosure.objects.all()] == [[profile.pk]] * 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody", "--reason", "why"], "There is no such student."),
        (["f002qt1"], "--reason must say why"),
        (["f002qt1", "--lift", "--reason", "why"], "is not under legal hold"),
    ],
)
def test_the_command_refuses(profile, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("legalhold", *arguments)
    assert not LegalHold.objects.exists()
