"""Importing a text as if it were a file."""

import io

import pytest
from django.db import connection, transaction

from config.history import recorded
from transfer import importing
from transfer.kinds import KINDS
from transfer.staging import Tables

ACTOR = {"command": "importdata", "os_user": "rita"}


@pytest.fixture
def receive(db):
    """Begin an import of a text; what is not said does not matter."""

    def receive(kind, text, **more):
        file = io.BytesIO(text.encode())
        given = {"most_percent": 100, **more}
        it = importing.receive(
            KINDS[kind], file, file_name="rows.csv", actor=ACTOR, **given
        )
        return it, file

    return receive


@pytest.fixture
def check(receive):
    """Plan an import of a text."""

    def check(kind, text, **more):
        return importing.check(*receive(kind, text, **more))

    return check


@pytest.fixture
def apply(check):
    """Import a text."""

    def apply(kind, text, *, reason="", **more):
        with recorded(actor=ACTOR, door="command", reason=reason or None):
            return importing.apply(check(kind, text, **more), reason=reason)

    return apply


@pytest.fixture
def outcomes(check):
    """What would become of each row of a text, and why not."""

    def outcomes(kind, text, **more):
        it = check(kind, text, **more)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT _action, _errors FROM {Tables(it.pk).plan} ORDER BY _row"
            )
            return [
                errors if action == "error" else action
                for action, errors in cursor.fetchall()
            ]

    return outcomes


@pytest.fixture
def outcome(outcomes):
    """What would become of the one row of a text."""

    def outcome(kind, text, **more):
        (only,) = outcomes(kind, text, **more)
        return only

    return outcome
