from datetime import UTC, date, datetime

import pytest

from access.scopes import LECTURER, PEOPLE_PRIVATE, STUDENT
from tests.factories import (
    CourseIntakeFactory,
    LecturerFactory,
    RegistrationFactory,
    TermFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
)

LONG_AGO = datetime(2024, 1, 8, 9, tzinfo=UTC)


@pytest.fixture
def offering(db):
    return UnitOfferingFactory(
        pk="offering-1",
        code="CS101",
        unit_version=UnitVersionFactory(
            pk="version-1", title="Programming", version_number=3
        ),
        course_intake=CourseIntakeFactory(
            pk="intake-1", name="Class of 2027", course__name="Computing"
        ),
        lecturer=LecturerFactory(
            pk="lecturer-1", first_name="Grace", last_name="Moore"
        ),
        semester=TermFactory(
            pk="semester-1",
            name="Winter",
            starts_on=date(2024, 1, 8),
            ends_on=date(2024, 3, 15),
        ),
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )


def test_it_shows_the_offering_and_what_it_points_to(send, offering):
    response = send("GET", "/offering-1")
    assert response.status_code == 200
    assert response.json() == {
        "message": "Unit offering found successfully",
        "offering": {
            "id": "offering-1",
            "Code": "CS101",
            "unitVersionId": "version-1",
            "courseIntakeId": "intake-1",
            "lecturerId": "lecturer-1",
            "semesterId": "semester-1",
            "personalizedOutline": None,
            "studentGroupingsEnabled": False,
            "createdAt": "2024-01-08T09:00:00Z",
            "updatedAt": "2024-01-08T09:00:00Z",
            "studentsCount": 0,
            "lecturer": {"user": {"firstname": "Grace", "lastname": "Moore"}},
            "semester": {
                "name": "Winter",
                "startDate": "2024-01-08",
                "endDate": "2024-03-15",
            },
            "unitVersion": {"title": "Programming", "versionNumber": 3},
            "courseIntake": {
                "name": "Class of 2027",
                "course": {"name": "Computing"},
            },
        },
    }


@pytest.mark.parametrize("role", [LECTURER, STUDENT])
def test_it_is_open_to_any_role(send, http_of, offering, role):
    assert send("GET", "/offering-1", of=http_of(role)).status_code == 200


def test_it_is_closed_to_who_has_no_role(send, http_of, offering):
    response = send("GET", "/offering-1", of=http_of(""))
    assert response.status_code == 403
    assert response.json()["error"] == "Forbidden"


def test_it_says_404_of_one_that_does_not_exist(send):
    response = send("GET", "/nowhere")
    assert response.status_code == 404
    assert response.json() == {
        "error": "Not Found",
        "message": "Unit offering not found",
        "statusCode": 404,
    }


@pytest.fixture
def students(offering):
    """One registered, one under hold, one ejected, and one who retakes."""
    RegistrationFactory(offering=offering)
    RegistrationFactory(offering=offering, profile__is_confidential=True)
    RegistrationFactory(offering=offering, state="rejected", ejected_at=LONG_AGO)
    first = RegistrationFactory(offering=offering)
    RegistrationFactory(
        offering=offering,
        profile=first.profile,
        unit=first.unit,
        intake=first.intake,
        attempt=2,
    )


@pytest.mark.parametrize(("scopes", "count"), [([], 2), ([PEOPLE_PRIVATE], 3)])
def test_it_counts_the_students_that_the_caller_may_see(
    send, http_of, students, scopes, count
):
    response = send("GET", "/offering-1", of=http_of(scopes=scopes))
    assert response.json()["offering"]["studentsCount"] == count


def test_it_answers_304_to_who_has_seen_this(send, offering):
    tag = send("GET", "/offering-1")["ETag"]
    response = send("GET", "/offering-1", **{"If-None-Match": tag})
    assert (response.status_code, response.content) == (304, b"")


def test_it_asks_the_database_twice(send, offering, django_assert_num_queries):
    send("GET", "/offering-1")
    with django_assert_num_queries(2):
        send("GET", "/offering-1")
