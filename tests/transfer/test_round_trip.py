"""What is exported can be imported again, and changes nothing."""

import io

import pytest
from django.core.management import call_command

from enrollments.models import Enrollment
from offerings.models import GradeColumn
from registrations.models import Grade, Registration
from students.models import Dplan, Profile
from tests.factories import GradeFactory
from transfer.exporting import Recipient, export
from transfer.kinds import KINDS

pytestmark = pytest.mark.django_db

EVERYTHING = Recipient("rita", "command", sees_held=True)


def exported(kind, format="csv", recipient=EVERYTHING):
    out = io.BytesIO()
    export(KINDS[kind], format, out, recipient)
    return out.getvalue()


@pytest.fixture
def _record(db):
    """The demo record, some students, and a grade that is hard to write down."""
    call_command("loaddemo", students=3)
    GradeFactory(
        registration=Registration.objects.get(pk="65e6e5aaf398a642a7022ab5"),
        column=GradeColumn.objects.get(pk="6385baad976a7719120008e6"),
        value="82.50",
        comment="=cmd() or 'so'",
        resit_value="90",
    )


@pytest.mark.usefixtures("_record")
def test_it_changes_nothing(check):
    checked = {kind: check(kind, exported(kind).decode()) for kind in KINDS}
    counted = {kind: (it.rows, it.same) for kind, it in checked.items()}
    stored = {name: kind.model.objects.count() for name, kind in KINDS.items()}
    assert counted == {name: (rows, rows) for name, rows in stored.items()}
    assert min(stored.values()) > 0


@pytest.mark.usefixtures("_record")
def test_it_puts_back_what_was_lost(apply):
    kinds = ["profiles", "dplans", "registrations", "grades", "enrollments"]
    before = {kind: exported(kind) for kind in kinds}
    Enrollment.objects.all().delete()
    Grade.objects.all().delete()
    Registration.objects.all().delete()
    Dplan.objects.all().delete()
    Profile.objects.all().delete()
    applied = [apply(kind, before[kind].decode()).same for kind in kinds]
    assert applied == [0] * len(kinds)
    assert {kind: exported(kind) for kind in kinds[:3]} == {
        kind: before[kind] for kind in kinds[:3]
    }
    assert sorted(exported("grades").splitlines()) == sorted(
        before["grades"].splitlines()
    )
