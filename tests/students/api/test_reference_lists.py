from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.access.http import caller
from tests.factories import DplanCodeFactory, DplanSourceFactory, TermFactory


@pytest.fixture
def http(db):
    """Whoever is recognised: no scope is asked for."""
    return caller()


def test_it_lists_what_a_student_can_do_in_a_term(http):
    DplanCodeFactory(id="R", name="Resident")
    DplanCodeFactory(id="L", name="Leave", is_active=False)
    assert http.get("/api/dplans").json() == [
        {"id": "L", "name": "Leave", "is_active": False},
        {"id": "R", "name": "Resident", "is_active": True},
    ]


def test_it_lists_who_can_decide(http):
    DplanSourceFactory(id="PHL", name="Registrar Action")
    assert http.get("/api/dplan_sources/").json() == [
        {"id": "PHL", "name": "Registrar Action", "is_active": True}
    ]


def test_it_lists_the_terms_that_have_a_sis_code(http):
    today = timezone.localdate()
    TermFactory(code=None)
    TermFactory(
        code="202309",
        name="Fall 2023",
        starts_on=today,
        ends_on=today,
        registration_opens_on=today - timedelta(days=9),
        registration_closes_on=today - timedelta(days=1),
    )
    TermFactory(code="202301", name="Winter 2023", starts_on=date(2020, 1, 3))
    winter, fall = http.get("/api/academic/terms").json()
    assert winter == {
        "id": "202301",
        "name": "Winter 2023",
        "is_active": False,
        "start_date": "2020-01-03",
        "end_date": "2020-03-13",
        "registration_start_date": None,
        "registration_end_date": None,
    }
    assert (fall["id"], fall["is_active"]) == ("202309", True)
    assert fall["registration_end_date"] == f"{today - timedelta(days=1)}"


@pytest.mark.parametrize(
    "path", ["/api/dplans", "/api/dplan_sources", "/api/academic/terms"]
)
def test_it_knows_nobody_without_credentials(client, path):
    response = client.get(path)
    assert (response.status_code, response.json()) == (
        401,
        {"message": "Unauthorized"},
    )


@pytest.mark.parametrize(
    "path", ["/api/dplans/R", "/api/academic", "/api/academic/terms/202301"]
)
def test_it_has_nothing_below(http, path):
    response = http.get(path)
    assert response.status_code == 404
    assert [*response.json()] == ["message"]
