"""GET /apis/registrations/profiles/{profile_id}/registrations"""

from datetime import UTC, datetime

import pytest

from access.models import Disclosure
from access.scopes import PEOPLE_PRIVATE, REGISTRATIONS_READ, REGISTRATIONS_WRITE
from registrations.models import Registration
from tests.factories import (
    CourseFactory,
    CourseIntakeFactory,
    GradeFactory,
    ProfileFactory,
    RegistrationFactory,
)
from tests.registrations.records import registrations_of


def day(number):
    return datetime(2024, 1, number, tzinfo=UTC)


@pytest.fixture
def profile(db):
    return ProfileFactory()


@pytest.fixture
def get(http, profile):
    def get(query="", of=http, profile=profile, **headers):
        url = f"/apis/registrations/profiles/{profile.pk}/registrations{query}"
        return of.get(url, headers=headers)

    return get


def ids(response):
    assert response.status_code == 200
    return [registration["id"] for registration in response.json()]


def test_it_shows_them_in_the_order_in_which_they_were_made(get, profile):
    for id, made in [("b", 2), ("d", 1), ("c", 2), ("a", 3)]:
        RegistrationFactory(pk=id, profile=profile, created_at=day(made))
    RegistrationFactory()
    assert ids(get()) == ["d", "b", "c", "a"]


def test_it_shows_the_whole_registration(get, profile):
    registration = RegistrationFactory(
        profile=profile, created_at=day(1), updated_at=day(2), notes="n", feedback="f"
    )
    grade = GradeFactory(registration=registration, published=True, comment="good")
    assert get().json() == [
        {
            "id": registration.pk,
            "unit_id": registration.unit_id,
            "course_id": registration.intake_id,
            "transcript_subject_id": registration.intake_id,
            "profile_id": profile.pk,
            "registration_state": "registered",
            "state_name": None,
            "grade_state_name": None,
            "awarded": False,
            "published": True,
            "grade_notes": "n",
            "grade_feedback": "f",
            "grades": [
                {
                    "id": grade.column_id,
                    "label": "Final grade",
                    "name": "final",
                    "value": "85",
                    "published": True,
                    "comment": "good",
                    "resit_value": None,
                    "resit_justification": None,
                }
            ],
            "created_at": 1704067200,
            "updated_at": 1704153600,
        }
    ]


def test_it_includes_the_course_of_the_unit_where_asked(get, profile):
    registration = RegistrationFactory(profile=profile)
    course = registration.unit.course
    (shown,) = get("?include=courses").json()
    assert shown["course"] == {
        "id": course.pk,
        "code": course.code,
        "name": course.name,
    }


@pytest.mark.parametrize("query", ["?include=units", "?include=", "?include=courses,x"])
def test_it_refuses_to_include_anything_else(get, query):
    response = get(query)
    assert (response.status_code, response.json()["field"]) == (400, "include")


def test_it_shows_latest_attempts_only(get, profile):
    first = RegistrationFactory(profile=profile)
    second = RegistrationFactory(
        profile=profile, unit=first.unit, intake=first.intake, attempt=2
    )
    assert ids(get()) == [second.pk]


def test_it_tells_attempts_on_the_course_from_those_on_an_intake(get, profile):
    on_intake = RegistrationFactory(profile=profile, created_at=day(1))
    unit, course = on_intake.unit, on_intake.course
    RegistrationFactory(profile=profile, unit=unit, course=course, intake=None)
    latest = RegistrationFactory(
        profile=profile, unit=unit, course=course, intake=None, attempt=2
    )
    assert ids(get()) == [on_intake.pk, latest.pk]


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        ("registered", ["a"]),
        ("rejected,conditional", ["b", "c"]),
        ("registered,conditional,rejected", ["a", "b", "c"]),
    ],
)
def test_it_narrows_by_state(get, profile, states, shown):
    RegistrationFactory(pk="a", profile=profile)
    RegistrationFactory(pk="b", profile=profile, state="conditional")
    RegistrationFactory(
        pk="c", profile=profile, state="rejected", ejected_at=day(1), ended_at=day(1)
    )
    assert ids(get(f"?registration_states={states}")) == shown


@pytest.mark.parametrize("states", ["", "odd", "registered,odd", "registered,"])
def test_it_refuses_a_state_that_there_is_not(get, states):
    response = get(f"?registration_states={states}")
    assert response.status_code == 400
    assert response.json()["field"] == "registration_states"


def test_it_narrows_by_context(get, profile):
    one = RegistrationFactory(profile=profile, created_at=day(1))
    same_course = RegistrationFactory(
        profile=profile, course=one.course, intake=None, created_at=day(2)
    )
    other = RegistrationFactory(profile=profile, created_at=day(3))
    empty = CourseIntakeFactory()
    assert ids(get(f"?context_ids={one.intake_id}")) == [one.pk]
    assert ids(get(f"?context_ids={one.course_id}")) == [one.pk, same_course.pk]
    assert ids(get(f"?context_ids={one.intake_id},{other.course_id}")) == [
        one.pk,
        other.pk,
    ]
    assert ids(get(f"?context_ids={empty.pk}")) == []
    assert ids(get(f"?context_ids={CourseFactory().pk}")) == []


@pytest.mark.parametrize("contexts", ["", "nope", ",", "%20"])
def test_it_refuses_a_context_that_there_is_not(get, contexts):
    response = get(f"?context_ids={contexts}")
    assert response.status_code == 400
    assert response.json()["field"] == "context_ids"


def test_it_names_a_parameter_that_it_does_not_know(get):
    response = get("?colour=red")
    assert response.status_code == 200
    assert "colour" in response["Warning"]


def test_it_wants_the_scope_to_read(get, http_of):
    assert get(of=http_of(REGISTRATIONS_WRITE)).status_code == 403


def test_it_answers_for_a_held_profile_as_for_none(get, http_of, http):
    held = RegistrationFactory(profile__is_confidential=True)
    there = get(profile=held.profile)
    url = "/apis/registrations/profiles/nobody/registrations"
    assert (there.status_code, there.json()) == (404, http.get(url).json())
    seeing = http_of(REGISTRATIONS_READ, PEOPLE_PRIVATE)
    assert ids(get(of=seeing, profile=held.profile)) == [held.pk]


def test_it_logs_what_it_released_and_nothing_else(get, profile):
    get()
    assert not Disclosure.objects.exists()
    RegistrationFactory(profile=profile)
    get()
    assert Disclosure.objects.get().profile_ids == [profile.pk]


def test_it_costs_the_same_for_one_and_for_many(
    get, profile, django_assert_num_queries
):
    registrations_of(profile, 1)
    get()
    with django_assert_num_queries(4):  # the profile, ids, rows, disclosure
        get()
    registrations_of(profile, 60)
    with django_assert_num_queries(4):
        assert len(ids(get())) == 61
    assert Registration.objects.count() == 61
