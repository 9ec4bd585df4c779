"""A walk through a found set while others write."""

import threading

import pytest
from django.db import connection, connections

from enrollments.models import Enrollment
from tests.enrollments.api.conftest import URL
from tests.factories import EnrollmentFactory, ProfileFactory, SectionFactory

pytestmark = pytest.mark.django_db(transaction=True)

STAYING = [f"E{number:03}" for number in range(0, 200, 2)]
GOING = [f"E{number:03}" for number in range(1, 200, 2)]


@pytest.fixture
def enrollments():
    people = ProfileFactory.create_batch(200)
    section = SectionFactory()
    Enrollment.objects.bulk_create(
        Enrollment(id=pk, offering=section, profile=person, role="student")
        for pk, person in zip(STAYING + GOING, people, strict=True)
    )
    return section


@pytest.fixture
def writers(enrollments):
    """Adds rows between those that were found, removes some and changes others."""
    is_over = threading.Event()

    def write():
        for pk in GOING:
            if is_over.is_set():
                break
            EnrollmentFactory(id=f"{pk}-new", offering=enrollments)
            Enrollment.objects.filter(pk=pk).delete()
            Enrollment.objects.filter(pk__gt=pk).update(version=2)
        connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    yield thread
    is_over.set()
    thread.join()


def walk(http, key):
    """Yield the ids of one page after another, until one is empty."""
    for page in range(1, 50):
        query = f"continuation_key={key}&page={page}&pagesize=7"
        yield [row["id"] for row in http.get(f"{URL}?{query}").json()]


def test_it_sees_every_row_that_stays_exactly_once_and_none_that_comes(
    reader, enrollments, request
):
    key = reader.get(f"{URL}?pagesize=7")["X-Request-Id"]
    request.getfixturevalue("writers")
    seen = [pk for page in walk(reader, key) for pk in page]
    assert seen == sorted(set(seen))
    assert set(STAYING) <= set(seen) <= set(STAYING + GOING)
    assert connection.in_atomic_block is False


def test_it_sees_what_is_left_when_the_writers_are_done(reader, enrollments, request):
    key = reader.get(f"{URL}?pagesize=7")["X-Request-Id"]
    request.getfixturevalue("writers").join()
    seen = [pk for page in walk(reader, key) for pk in page]
    assert seen == STAYING
