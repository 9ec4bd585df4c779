"""Puts the demo record, and generated students, into the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from config.demo.clients import Keys, create_clients, keep_keys
from config.demo.generated import load_students
from config.demo.record import rows, term_of
from config.demo.tables import attach_to, insert_missing
from config.history import command_actor, recorded
from offerings.models import Term

ONE_LOAD_AT_A_TIME = 0x64656D6F  # an advisory lock: "demo"


def load(
    *, students: int = 0, advance: Callable[[int], None] = lambda count: None
) -> None:
    """Load what is missing of the demo record, with `students` generated ones.

    Rows that are there stay as they are. `advance` is told of how many students
    each step was, for each of the TABLES. The keys of the demo clients are left in
    a file of the state folder that only its owner can read. Raises OtherRecord.
    """
    context = recorded(actor=command_actor("loaddemo"), door="command")
    with context as entered, one_load_at_a_time():
        keep_keys(load_record())
        if students:
            load_students(students, partial(attach_to, entered), advance)


@transaction.atomic
def load_record() -> Keys:
    """Load the rows of the samples: all that are missing, or none."""
    for table in rows():
        insert_missing(table)
    _insert_term_of_today()
    return create_clients()


@contextmanager
def one_load_at_a_time() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_LOAD_AT_A_TIME])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_LOAD_AT_A_TIME])


def _insert_term_of_today() -> None:
    """Where no term holds today, as in an empty registry or in the next term."""
    if not Term.objects.in_session().exclude(code=None).exists():
        insert_missing([term_of(timezone.localdate())])
