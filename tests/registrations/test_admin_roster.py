"""The class list of an offering: shown, given out, and added to."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import Disclosure
from config.history import last_change
from registrations.models import Registration
from tests.factories import ProfileFactory, RegistrationFactory, UnitOfferingFactory
from tests.registrations.records import stored
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def offering():
    return UnitOfferingFactory()


def register(offering, **attributes):
    return RegistrationFactory(
        offering=offering,
        unit=offering.unit_version.unit,
        intake=offering.course_intake,
        course=offering.course_intake.course,
        **attributes,
    )


def url_of(offering, then=""):
    return f"/admin/class-lists/{offering.pk}/{then}"


def add(client, offering, netids, **form):
    return client.post(url_of(offering, "add/"), {"netids": netids, **form})


def told(response):
    return [(line.netid, line.refusal) for line in response.context_data["lines"]]


def names(response):
    return [row.profile.last_name for row in response.context_data["roster"].rows]


def test_it_lists_who_is_there_by_name(offering):
    register(offering, profile__last_name="Moreau")
    register(offering, profile__last_name="Adler", state="conditional")
    register(offering, profile__last_name="Left", state="rejected", ejected_at=NOW)
    register(UnitOfferingFactory(), profile__last_name="Elsewhere")
    assert names(make_admin().get(url_of(offering))) == ["Adler", "Moreau"]


NOW = timezone.now()


def test_it_hides_people_under_hold_from_who_may_not_see_them(offering):
    register(offering, profile__last_name="Unseen", profile__is_confidential=True)
    clerk = signed_in(
        make_staff("registrations.view_registration", "offerings.view_unitoffering")
    )
    assert names(clerk.get(url_of(offering))) == []
    assert b"Unseen" not in clerk.get(url_of(offering, "class-list.csv")).content
    assert names(make_admin().get(url_of(offering))) == ["Unseen"]


def test_it_shows_lecturers_the_offerings_that_they_teach_only(offering):
    lecturer = make_staff("registrations.grade_own")
    own = UnitOfferingFactory(lecturer__user=lecturer)
    register(own, profile__last_name="Held", profile__is_confidential=True)
    client = signed_in(lecturer)
    page = client.get(url_of(own))
    assert (names(page), page.context_data["may_add"]) == (["Held"], False)
    files = ["", "class-list.csv", "class-list.xlsx"]
    assert [client.get(url_of(offering, each)).status_code for each in files] == [
        404
    ] * 3
    assert add(client, own, "f00001").status_code == 403


def test_it_lets_who_only_looks_add_nobody(offering):
    profile = ProfileFactory()
    looker = make_staff("registrations.view_registration")
    assert add(signed_in(looker), offering, profile.netid).status_code == 403
    assert Registration.objects.count() == 0


def test_it_shows_of_each_netid_what_would_come_of_it_and_does_nothing(offering):
    new = ProfileFactory(netid="f0000n1")
    there = register(offering, profile__netid="f0000t1").profile
    left = register(
        offering, profile__netid="f0000l1", state="rejected", ejected_at=NOW
    ).profile
    before = stored()
    pasted = f"{new.netid.upper()}\n{there.netid}, nobody;\t{left.netid}\n{new.netid}"

    response = add(make_admin(), offering, pasted)

    assert told(response) == [
        ("f0000n1", ""),
        ("f0000t1", "The profile is registered already."),
        ("nobody", "There is nobody with that netid."),
        ("f0000l1", "The profile finished this before; there are no retakes."),
    ]
    shown = response.context_data
    assert (shown["done"], shown["refused"], shown["is_done"]) == (1, 3, False)
    assert stored() == before


def test_it_registers_with_a_reason_which_the_history_keeps(offering):
    profile = ProfileFactory()
    response = add(
        make_admin(), offering, f"{profile.netid} nobody", do="yes", reason="Late"
    )
    assert told(response) == [
        (profile.netid, ""),
        ("nobody", "There is nobody with that netid."),
    ]
    row = Registration.objects.get()
    assert (row.profile_id, row.offering_id, row.state) == (
        profile.pk,
        offering.pk,
        "registered",
    )
    context = last_change(row).pgh_context.metadata
    assert (context["actor"], context["reason"]) == ({"staff": "registrar"}, "Late")


def test_it_registers_nobody_without_a_reason(offering):
    profile = ProfileFactory()
    response = add(make_admin(), offering, profile.netid, do="yes", reason=" ")
    assert response.context_data["is_done"] is False
    assert Registration.objects.count() == 0


def test_it_knows_nobody_under_hold_for_who_may_not_see_them(offering):
    held = ProfileFactory(is_confidential=True)
    clerk = signed_in(
        make_staff(
            *("registrations.view_registration", "registrations.add_registration"),
            *("offerings.view_unitoffering", "registrations.change_registration"),
        )
    )
    response = add(clerk, offering, f"{held.netid} nobody", do="yes", reason="x")
    assert [refusal for _, refusal in told(response)] == [
        "There is nobody with that netid."
    ] * 2
    assert (Registration.objects.count(), Disclosure.objects.count()) == (0, 0)


def test_it_registers_people_under_hold_for_who_may_see_them(offering):
    held = ProfileFactory(is_confidential=True)
    add(make_admin(), offering, held.netid, do="yes", reason="x")
    assert Registration.objects.get().profile_id == held.pk


def test_it_keeps_to_the_registration_window(offering):
    offering.registration_closes_at = NOW
    offering.save()
    profile = ProfileFactory()
    response = add(make_admin(), offering, profile.netid, do="yes", reason="x")
    assert told(response) == [
        (profile.netid, "The offering is not open for registration now.")
    ]


@pytest.mark.parametrize(
    ("netids", "status"), [("", 302), (" ,;\n", 302), ("x" * 9999, 200), ("\0", 400)]
)
def test_it_answers_whatever_is_pasted(offering, netids, status):
    assert add(make_admin(), offering, netids).status_code == status


def test_it_takes_no_more_than_it_can_show(offering):
    many = " ".join(f"f{n}" for n in range(501))
    response = add(make_admin(), offering, many)
    assert (response.status_code, response["Location"]) == (302, url_of(offering))


def test_it_adds_by_a_form_only(offering):
    assert make_admin().get(url_of(offering, "add/")).status_code == 404


def test_it_logs_whose_names_were_shown(offering):
    row = register(offering)
    client = make_admin()
    client.get(url_of(offering))
    client.get(url_of(offering, "class-list.csv"))
    logged = Disclosure.objects.order_by("pk").values_list("what", "profile_ids")
    assert [*logged] == [
        ("roster", [row.profile_id]),
        ("roster_file", [row.profile_id]),
    ]


def test_it_asks_as_often_for_many_students_as_for_one(offering):
    client = make_admin()
    netids = [ProfileFactory().netid for _ in range(20)]
    before = asked(lambda: add(client, offering, netids[0]))
    assert asked(lambda: add(client, offering, " ".join(netids))) == before
    register(offering)
    one = asked(lambda: client.get(url_of(offering)))
    [register(offering) for _ in range(10)]
    assert asked(lambda: client.get(url_of(offering))) == one
    assert one <= 8


def asked(work):
    work()
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)
