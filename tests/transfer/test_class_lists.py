"""The class list of an offering, as a file for a spreadsheet."""

import csv
from io import BytesIO, StringIO

import openpyxl
import pytest

from tests.factories import RegistrationFactory, UnitOfferingFactory
from tests.staff import make_admin

pytestmark = pytest.mark.django_db

HEADING = [
    *("netid", "last_name", "first_name", "email", "class_year"),
    *("state", "attempt", "privacy_hold"),
]
ROWS = [
    ["f00a", "'=Adler()", "Jo", "f00a@example.edu", "2028", "registered", "1", ""],
    ["f00b", "Moreau", "Ana", "f00b@example.edu", "", "conditional", "2", "yes"],
]


@pytest.fixture
def offering():
    return UnitOfferingFactory(code='PHYS "013"')


@pytest.fixture
def _students(offering):
    RegistrationFactory(
        offering=offering,
        profile__netid="f00a",
        profile__last_name="=Adler()",
        profile__first_name="Jo",
        profile__class_year=2028,
    )
    RegistrationFactory(
        offering=offering,
        profile__netid="f00b",
        profile__last_name="Moreau",
        profile__first_name="Ana",
        profile__is_confidential=True,
        state="conditional",
        attempt=2,
    )


def file_of(offering, suffix):
    return make_admin().get(f"/admin/class-lists/{offering.pk}/class-list.{suffix}")


@pytest.mark.usefixtures("_students")
def test_it_is_written_as_csv_without_formulas(offering):
    response = file_of(offering, "csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == (
        'attachment; filename="class-list-PHYS \\"013\\".csv"'
    )
    rows = [*csv.reader(StringIO(response.content.decode()))]
    assert rows == [HEADING, *ROWS]


@pytest.mark.usefixtures("_students")
def test_it_is_written_as_a_workbook_without_formulas(offering):
    book = openpyxl.load_workbook(BytesIO(file_of(offering, "xlsx").content))
    rows = [[cell or "" for cell in row] for row in book.active.values]
    assert rows == [HEADING, *ROWS]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_it_is_written_where_nobody_is_registered(offering, suffix):
    assert file_of(offering, suffix).status_code == 200


@pytest.mark.parametrize("suffix", ["jsonl", "pdf"])
def test_it_has_no_other_form(offering, suffix):
    assert file_of(offering, suffix).status_code == 404
