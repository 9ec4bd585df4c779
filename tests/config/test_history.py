"""Whom a change is put to that says nothing of itself."""

import pytest
from django.db import connection, transaction
from pghistory.models import Context

from access.models import Key
from config.history import events_of, recorded, who_did
from offerings.models import Term
from tests.access.factories import KeyFactory
from tests.factories import TermFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def term():
    with recorded(actor={"staff": "okafor"}, door="admin"):
        return TermFactory()


def write(name):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE offerings_term SET name = %s", [name])


def test_it_names_who_signed_in_to_the_database(term):
    with connection.cursor() as cursor:
        cursor.execute("SET application_name = 'psql'")
        cursor.execute("SELECT session_user")
        (user,) = cursor.fetchone()
    write("Changed by hand")
    context = events_of(Term).latest("pgh_id").pgh_context
    assert context.metadata == {
        "door": "database",
        "actor": {"database_user": user, "application": "psql"},
    }
    assert who_did(context) == f"{user} (database)"


def test_it_gives_one_context_to_a_transaction_and_another_to_the_next(term):
    with transaction.atomic():
        write("One")
        write("Two")
    write("Three")
    contexts = events_of(Term).order_by("pgh_id").values_list("pgh_context", flat=True)
    made, one, two, three = contexts
    assert one == two
    assert len({made, one, three}) == 3


def test_it_leaves_alone_who_said_so(term):
    with recorded(actor={"staff": "mina"}, door="admin", reason="Misspelt"):
        write("Mended")
    assert [*Context.objects.order_by("created_at").values_list("metadata")] == [
        ({"actor": {"staff": "okafor"}, "door": "admin"},),
        ({"actor": {"staff": "mina"}, "door": "admin", "reason": "Misspelt"},),
    ]


def test_it_says_nothing_of_what_no_history_is_kept_of(term):
    with recorded(actor={"staff": "okafor"}, door="admin"):
        KeyFactory()
    before = Context.objects.count()
    Key.objects.update(last_used_at="2026-01-01T00:00:00Z")
    write(term.name)
    Term.objects.filter(pk="absent").update(name="Absent")
    assert Context.objects.count() == before
