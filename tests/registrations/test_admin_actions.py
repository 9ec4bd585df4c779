"""Approving, rejecting, withdrawing, reinstating and moving at the desk."""

import pytest

from config.history import last_change
from registrations.models import Registration
from tests.factories import CourseIntakeFactory, ProfileFactory, RegistrationFactory
from tests.registrations.records import stored
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db

LIST = "/admin/registrations/registration/"
PAGE = "/admin/registration-actions/"


def send(client, action, rows, address=PAGE, **form):
    chosen = [row.pk for row in rows]
    return client.post(address, {"action": action, "_selected_action": chosen, **form})


def test_it_shows_what_would_be_done_and_does_nothing():
    conditional = RegistrationFactory(state="conditional")
    registered = RegistrationFactory()
    before = stored()
    response = send(make_admin(), "approve", [conditional, registered], address=LIST)
    shown = response.context_data
    assert (shown["done"], shown["refused"], shown["is_done"]) == (1, 1, False)
    assert stored() == before


def test_it_does_it_with_a_reason_and_says_of_each_what_came_of_it():
    conditional = RegistrationFactory(state="conditional")
    registered = RegistrationFactory()
    response = send(
        make_admin(), "approve", [conditional, registered], do="yes", reason="Paid"
    )
    shown = response.context_data
    assert (shown["done"], shown["refused"], shown["is_done"]) == (1, 1, True)
    conditional.refresh_from_db()
    assert conditional.state == "registered"
    context = last_change(conditional).pgh_context.metadata
    assert (context["actor"], context["reason"]) == ({"staff": "registrar"}, "Paid")


def test_it_does_nothing_without_a_reason():
    row = RegistrationFactory()
    before = stored()
    response = send(make_admin(), "withdraw", [row], do="yes", reason=" ")
    assert response.context_data["is_done"] is False
    assert stored() == before


def test_it_withdraws_and_reinstates():
    row = RegistrationFactory()
    client = make_admin()
    send(client, "withdraw", [row], do="yes", reason="Left")
    row.refresh_from_db()
    assert row.state == "rejected"
    send(client, "reinstate", [row], do="yes", reason="Came back")
    row.refresh_from_db()
    assert (row.state, row.ejected_at) == ("registered", None)


def test_it_moves_to_another_intake():
    row = RegistrationFactory()
    intake = CourseIntakeFactory(course=row.course)
    form = {"do": "yes", "reason": "Joined late", "intake_id": intake.pk}
    send(make_admin(), "move", [row], **form)
    row.refresh_from_db()
    assert row.intake_id == intake.pk


@pytest.mark.parametrize("action", ["withdraw", "move"])
def test_it_overwrites_nothing_that_somebody_changed_since_it_was_shown(action):
    changed, same = RegistrationFactory(), RegistrationFactory()
    intake = CourseIntakeFactory(course=changed.course)
    client = make_admin()
    form = {"intake_id": intake.pk}
    seen = send(client, action, [changed, same], **form).context_data["seen"]
    Registration.objects.filter(pk=changed.pk).update(notes="Asked for it", version=2)

    form |= {"do": "yes", "reason": "x", "seen": seen}
    response = send(client, action, [changed, same], **form)

    told = {row.pk: refusal for row, refusal in response.context_data["lines"]}
    assert told[changed.pk] == (
        "Changed meanwhile, as it is shown here: look again, then repeat it."
    )
    changed.refresh_from_db()
    assert (changed.state, changed.version) == ("registered", 2)


@pytest.mark.parametrize("seen", ["", "no", "[]", '{"a": null}', "[" * 9999])
def test_it_does_it_whatever_the_form_says_that_it_showed(seen):
    row = RegistrationFactory()
    send(make_admin(), "withdraw", [row], do="yes", reason="x", seen=seen)
    row.refresh_from_db()
    assert row.state == "rejected"


def test_it_asks_which_are_meant_and_goes_back_to_the_list_as_it_was():
    form = {"action": "withdraw", "asked": "state=registered&page=2"}
    response = make_admin().post(PAGE, form)
    assert (response.status_code, response["Location"]) == (
        302,
        "/admin/registrations/?state=registered&page=2",
    )


def test_it_offers_the_intakes_of_the_course():
    row = RegistrationFactory()
    other = CourseIntakeFactory(course=row.unit.course)
    CourseIntakeFactory()
    response = send(make_admin(), "move", [row])
    offered = {intake.pk for intake in response.context_data["intakes"]}
    assert offered == {row.intake_id, other.pk}


def test_it_says_that_there_is_no_such_intake():
    row = RegistrationFactory()
    response = send(make_admin(), "move", [row], do="yes", reason="x", intake_id="no")
    assert response.context_data["problem"] == "There is no such intake."


def test_it_touches_nobody_out_of_reach():
    held = RegistrationFactory(profile=ProfileFactory(is_confidential=True))
    staff = make_staff(
        "registrations.view_registration", "registrations.change_registration"
    )
    before = stored()
    response = send(signed_in(staff), "withdraw", [held], do="yes", reason="x")
    assert response.context_data["lines"] == []
    assert stored() == before


@pytest.mark.parametrize(
    "permission", ["registrations.view_registration", "registrations.grade_own"]
)
def test_it_is_only_for_who_may_change_registrations(permission):
    row = RegistrationFactory()
    before = stored()
    client = signed_in(make_staff(permission))
    response = send(client, "withdraw", [row], do="yes", reason="x")
    assert response.status_code == 403
    assert send(client, "withdraw", [row], address=LIST).status_code == 403
    assert stored() == before


@pytest.mark.parametrize("action", ["", "destroy"])
def test_it_knows_no_other_action(action):
    row = RegistrationFactory()
    assert send(make_admin(), action, [row]).status_code == 404
