"""The tasks board: what failed is looked at, and tried again with a reason."""

import json

import pytest
from playwright.sync_api import expect

from access.callers import Caller
from access.models import Client
from config.admin.site import DOOR
from config.history import recorded
from registrations.models import Registration
from tasks.interventions import hold_lane
from tasks.lanes import run_turn
from tasks.models import Lane, Task
from tasks.operations import submit
from tests.browser.class_list import make_class
from tests.factories import DplanCodeFactory, DplanSourceFactory, EnrollmentFactory

RIGHT = {"term_code": "202503", "dplan_id": "R", "dplan_source_id": "PHL"}
UNKNOWN = {**RIGHT, "dplan_id": "Q"}
INCOMPLETE = {"term_code": "202503", "dplan_id": "R"}
BOTH = {"submit_date": "2026-03-01T12:00:00Z", "opt_out_date": "2026-03-01T12:00:00Z"}


def make_client(name):
    with recorded(actor={"command": "createclient", "os_user": "root"}, door=DOOR):
        client = Client.objects.create(name=name)
    return Caller(client_id=client.pk, sub=client.pk, name=name)


def ask(caller, resource, resource_id, body, profile):
    return submit(
        resource=resource,
        action="PATCH",
        resource_id=resource_id,
        payload=json.dumps(body),
        caller=caller,
        about=profile.pk,
    )


def ask_dplan(caller, profile, entry):
    return ask(caller, "students", profile.netid, {"dplans": [entry]}, profile)


@pytest.fixture
def engine(transactional_db):
    """Some tasks that ended well, some that failed, some that wait."""
    offering = make_class()
    DplanCodeFactory(id="R", name="Resident")
    DplanSourceFactory(id="PHL", name="Registrar Action")
    rows = Registration.objects.order_by("profile__last_name")
    people = [row.profile for row in rows.select_related("profile")]
    planner, marker = make_client("Degree planner"), make_client("Course evaluation")
    for profile in people:
        ask_dplan(planner, profile, RIGHT)
    for profile in people[:4]:
        ask_dplan(planner, profile, UNKNOWN)
    ask_dplan(planner, people[5], INCOMPLETE)
    enrollment = EnrollmentFactory(offering=offering, profile=people[8])
    body = {"course_assessment": BOTH}
    ask(marker, "enrollments", enrollment.pk, body, people[8])
    for lane in Lane.objects.all():
        run_turn(lane.pk)
    for profile in (people[7], people[7], people[9]):
        ask_dplan(planner, profile, RIGHT)
    hold_lane(
        lane=f"students:{people[7].netid}",
        actor={"staff": "olive"},
        reason="Two records of one person are put together",
    )
    return people


def test_it_retries_what_failed_with_a_reason(desk, engine, picture):
    page = desk()
    page.goto("/admin/task-board/")
    expect(page.get_by_text("'Q' is not a known dplan_id")).to_be_visible()
    expect(page.get_by_role("cell", name="29.4 %")).to_be_visible()
    picture(page, "tasks")

    DplanCodeFactory(id="Q", name="Quarter abroad")
    row = page.get_by_role("row", name="'Q' is not a known dplan_id")
    row.get_by_role("link", name="Look and retry").click()
    expect(page.get_by_role("row", name="students:")).to_have_count(4)
    page.get_by_label("Reason").fill("The code Q was missing")
    picture(page, "task-failures")
    page.get_by_role("button", name="Retry all 4").click()

    expect(page.get_by_text("4 tasks accepted again.")).to_be_visible()
    assert Task.objects.exclude(retry_of="").count() == 4


def test_it_holds_a_lane_from_the_keyboard(desk, engine, picture):
    netid = engine[9].netid
    page = desk()
    page.goto("/admin/task-board/")
    page.get_by_role("searchbox", name="Lane").fill(f"students:{netid}")
    page.keyboard.press("Enter")
    page.get_by_label("Reason").fill("The degree planner sends nonsense")
    picture(page, "task-lane")
    page.get_by_role("button", name="Hold the lane").press("Enter")
    expect(page.get_by_text("The lane is held.")).to_be_visible()
    assert Lane.objects.get(pk=f"students:{netid}").is_held is True
