"""One Idempotency-Key and many requests at once, on connections of their own.

Apart from its neighbours, whose record is not committed while they run.
"""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.test import Client as Http

from access.models import IdempotencyRecord
from access.scopes import REGISTRATIONS_READ, REGISTRATIONS_WRITE
from registrations.models import Registration, RegistrationEvent
from students.models import Profile
from tests.access.factories import ClientFactory, make_secret
from tests.factories import (
    CourseIntakeFactory,
    GradeColumnFactory,
    ProfileFactory,
)

THREADS = 20


@pytest.fixture
def path(transactional_db):
    """Where registrations of somebody in one intake are made."""
    unit = GradeColumnFactory().unit
    CourseIntakeFactory(pk="intake", course=unit.course)
    ProfileFactory(pk="ada")
    return f"/apis/registrations/profiles/ada/registrations?unit={unit.pk}"


def at_once(function):
    """Call it in twenty threads that begin together; return what each returned."""
    barrier = Barrier(THREADS)

    def call(number):
        try:
            connection.ensure_connection()
            barrier.wait()
            return function(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return [*pool.map(call, range(THREADS))]


def post(authorization, path, key):
    unit_id = path.rpartition("=")[2]
    item = {"unit_id": unit_id, "context_id": "intake", "grade_notes": "Once"}
    return Http(headers={"Authorization": authorization}).post(
        path,
        json.dumps({"registrations": [item]}),
        "application/json",
        headers={"Idempotency-Key": key},
    )


def authorized():
    scopes = [REGISTRATIONS_READ, REGISTRATIONS_WRITE]
    client = ClientFactory(pk="system", scopes=scopes)
    return f"Bearer {make_secret(client=client)}"


def test_twenty_requests_with_one_key_are_done_once(path):
    authorization = authorized()
    responses = at_once(lambda _: post(authorization, path, "one"))
    statuses = Counter(response.status_code for response in responses)
    done = [response for response in responses if response.status_code == 200]
    waiting = [response for response in responses if response.status_code == 409]
    assert statuses.keys() <= {200, 409}
    assert len({response.content for response in done}) == 1
    assert ["Idempotent-Replayed" in response for response in done].count(False) == 1
    assert {response["Retry-After"] for response in waiting} <= {"1"}
    assert Registration.objects.get().version == 1
    assert RegistrationEvent.objects.count() == 1
    assert post(authorization, path, "one").content == done[0].content


def test_twenty_requests_with_keys_of_their_own_are_each_done(path):
    authorization = authorized()
    responses = at_once(lambda number: post(authorization, path, f"key-{number}"))
    assert [response.status_code for response in responses] == [200] * THREADS
    assert IdempotencyRecord.objects.count() == THREADS
    assert Registration.objects.count() == 1


def test_a_request_in_flight_is_said_to_be(path):
    authorization = authorized()

    def beside():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('system one', 0))"
            )
            try:
                with ThreadPoolExecutor(1) as pool:
                    return pool.submit(closing, authorization, path).result()
            finally:
                transaction.set_rollback(True)

    response = beside()
    assert (response.status_code, response["Retry-After"]) == (409, "1")
    assert response.json()["error"] == "idempotency_key_in_use"
    assert not Registration.objects.exists()


def closing(authorization, path):
    try:
        return post(authorization, path, "one")
    finally:
        connection.close()


def test_a_refused_request_leaves_its_key_free(path):
    authorization = authorized()
    Profile.objects.update(is_confidential=True)
    assert post(authorization, path, "one").status_code == 404
    Profile.objects.update(is_confidential=False)
    response = post(authorization, path, "one")
    assert (response.status_code, "Idempotent-Replayed" in response) == (200, False)
    assert Registration.objects.count() == 1
