"""Puts the demo record into the database: all of it, or nothing."""

from collections.abc import Callable

from django.db import connection, transaction
from django.utils import timezone

from config.demo.clients import create_clients, keep_keys
from config.demo.generated import load_students
from config.demo.record import rows, term_of
from config.demo.tables import insert_missing
from config.history import command_actor, recorded
from offerings.models import Term

ONE_LOAD_AT_A_TIME = 0x64656D6F  # an advisory lock: "demo"


def load(
    *, students: int = 0, advance: Callable[[int], None] = lambda count: None
) -> None:
    """Load what is missing of the demo record, with `students` generated ones.

    Rows that are there stay as they are. `advance` is told how many generated
    students each step has added. The keys of the demo clients are left in a file
    of the state folder that only its owner can read. Raises OtherRecord.
    """
    with recorded(actor=command_actor("loaddemo"), door="command"):
        with transaction.atomic():
            _wait_for_other_loads()
            for table in rows():
                insert_missing(table)
            _insert_term_of_today()
            keys = create_clients()
            load_students(students, advance)
        keep_keys(keys)


def _wait_for_other_loads() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_LOAD_AT_A_TIME])


def _insert_term_of_today() -> None:
    """Where no term holds today, as in an empty registry or in the next term."""
    if not Term.objects.in_session().exclude(code=None).exists():
        insert_missing([term_of(timezone.localdate())])
