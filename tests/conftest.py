"""Fixtures that every test may use."""

from unittest.mock import patch

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

from access import epoch, recognition
from config.history import NEVER_EMPTIED, events_of
from tests.history import tracked_models


@pytest.fixture(scope="session", autouse=True)
def _tests_may_empty_tables():
    """Django empties every table after a test that commits; history refuses that."""
    triggers = [
        NEVER_EMPTIED.compile(events_of(model).model) for model in tracked_models()
    ]
    context = "ALTER TABLE pghistory_context {} TRIGGER context_is_never_emptied"
    off = [*(each.disable_sql for each in triggers), context.format("DISABLE")]
    on = [*(each.enable_sql for each in triggers), context.format("ENABLE")]
    flush = DatabaseOperations.sql_flush

    def sql_flush(*arguments, **options):
        return [*off, *flush(*arguments, **options), *on]

    with patch.object(DatabaseOperations, "sql_flush", sql_flush):
        yield


@pytest.fixture(autouse=True)
def _nobody_is_remembered():
    """Each test begins with no caller recognised and no request counted."""
    recognition.forget_all()
    epoch.forget_counts()
