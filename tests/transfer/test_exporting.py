import io
import json

import openpyxl
import pytest

from access.models import Disclosure
from offerings.models import Course
from tests.factories import CourseFactory, EnrollmentFactory, ProfileFactory
from transfer.exporting import Recipient, export
from transfer.kinds import KINDS

pytestmark = pytest.mark.django_db

RITA = Recipient("rita", "admin")
REGISTRAR = Recipient("rita", "admin", sees_held=True)


def exported(kind, format="csv", recipient=RITA):
    out = io.BytesIO()
    export(KINDS[kind], format, out, recipient)
    return out.getvalue()


def test_it_writes_csv():
    course = CourseFactory(code="PHYS", name='Physics, "hard"')
    assert exported("courses").decode() == (
        f'id,code,name\r\n{course.pk},PHYS,"Physics, ""hard"""\r\n'
    )


def test_it_writes_json_lines_with_values_of_their_type():
    profile = ProfileFactory(netid="f1", class_year=2030, email="=1@example.edu")
    profile.refresh_from_db()
    (line,) = exported("profiles", "jsonl").splitlines()
    assert json.loads(line) == {
        "id": profile.pk,
        "netid": "f1",
        "first_name": "Grace",
        "last_name": "Hopper",
        "email": "=1@example.edu",
        "is_confidential": False,
        "class_year": 2030,
        "intake": None,
        "created_at": profile.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1"])
def test_no_spreadsheet_runs_what_it_writes(name):
    course = CourseFactory(code="A", name=name)
    assert exported("courses").decode().splitlines()[1] == f"{course.pk},A,'{name}"
    book = openpyxl.load_workbook(io.BytesIO(exported("courses", "xlsx")))
    assert [cell.value for cell in book.active["C"]] == ["name", f"'{name}"]
    assert {cell.data_type for cell in book.active["C"]} == {"s"}


def test_a_workbook_holds_what_a_csv_file_holds(check):
    CourseFactory(code="007", name="a\x01b")
    book = openpyxl.load_workbook(io.BytesIO(exported("courses", "xlsx")))
    rows = [*book.active.iter_rows(values_only=True)]
    course = Course.objects.get()
    assert rows == [("id", "code", "name"), (course.pk, "007", "a\ufffdb")]


@pytest.mark.parametrize("kind", ["profiles", "enrollments"])
def test_it_leaves_out_people_under_hold(kind):
    EnrollmentFactory(profile__is_confidential=True)
    assert len(exported(kind).splitlines()) == 1
    assert len(exported(kind, recipient=REGISTRAR).splitlines()) == 2


def test_whose_records_it_released_is_disclosed_with_the_number_of_rows():
    shown = EnrollmentFactory()
    EnrollmentFactory(profile__is_confidential=True)
    exported("enrollments")
    logged = Disclosure.objects.get()
    assert (logged.staff, logged.door, logged.what, logged.profile_ids) == (
        "rita",
        "admin",
        "export of 1 enrollments",
        [shown.profile_id],
    )


def test_what_is_nobodys_record_is_not_disclosed():
    CourseFactory()
    exported("courses")
    assert not Disclosure.objects.exists()
