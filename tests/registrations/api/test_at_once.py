"""Several systems write the same registrations, through every interface, at once."""

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client as Http

from access.scopes import REGISTRATIONS_READ, REGISTRATIONS_WRITE
from registrations.models import Registration, RegistrationEvent
from tests.access.factories import ClientFactory, make_secret
from tests.factories import GradeColumnFactory, GradeStateFactory
from tests.registrations.records import grades_of, roster_of

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6
PEOPLE = 8


@pytest.fixture
def roster():
    for state in ("pass", "fail"):
        GradeStateFactory(name=state)
    unit = GradeColumnFactory().unit
    for name in ("__a", "__b", "__c"):
        GradeColumnFactory(unit=unit, name=name)
    return roster_of(unit, PEOPLE)


@pytest.fixture
def authorization(db):
    scopes = [REGISTRATIONS_READ, REGISTRATIONS_WRITE]
    return f"Bearer {make_secret(client=ClientFactory(scopes=scopes))}"


def shuffled(rows):
    return random.sample(rows, len(rows))


def by_unit(send, roster, value):
    items = [
        {"registration_id": row.pk, "grades": [{"name": "__a", "value": value}]}
        for row in shuffled(roster)
    ]
    unit_id = roster[0].unit_id
    path = f"/apis/registrations/units/{unit_id}/registrations"
    return [send("PATCH", path, {"registrations": items})]


def by_student(send, roster, value):
    return [
        send(
            "PATCH",
            f"/apis/registrations/profiles/{row.profile_id}/registrations",
            {
                "registrations": [
                    {
                        "unit_id": row.unit_id,
                        "context_id": row.intake_id,
                        "grades": [{"name": "__b", "value": value}],
                    }
                ]
            },
        )
        for row in shuffled(roster)
    ]


def by_grade(send, roster, value):
    path = f"/apis/units/units/{roster[0].unit_id}/grades"
    return [
        send(
            "POST",
            path,
            {
                "profile_id": row.profile_id,
                "grade_name": "__c",
                "grade_value": value,
            },
        )
        for row in shuffled(roster)
    ]


def by_offering(send, roster, value):
    return [
        send("PUT", f"/dc/api/v5/registrations/{row.pk}", {"grade": int(value)})
        for row in shuffled(roster)
    ]


def test_no_write_is_lost_and_nobody_meets_a_deadlock(roster, authorization):
    ways = [by_unit, by_student, by_grade, by_offering]
    barrier = threading.Barrier(len(ways))

    def send(method, path, body):
        http = Http(headers={"Authorization": authorization})
        response = http.generic(method, path, json.dumps(body), "application/json")
        return response.status_code

    def write(way):
        try:
            barrier.wait()
            rounds = [way(send, roster, str(number)) for number in range(ROUNDS)]
            return {status for statuses in rounds for status in statuses}
        finally:
            connection.close()

    with ThreadPoolExecutor(len(ways)) as pool:
        statuses = [*pool.map(write, ways)]

    last = str(ROUNDS - 1)
    assert statuses == [{200}, {200}, {200}, {204}]
    assert [grades_of(row) for row in roster] == [
        {"__a": last, "__b": last, "__c": last, "final": last}
    ] * PEOPLE
    versions = Registration.objects.values_list("version", flat=True)
    assert {*versions} == {1 + len(ways) * ROUNDS}
    updates = RegistrationEvent.objects.filter(pgh_label="update")
    assert updates.count() == PEOPLE * len(ways) * ROUNDS
