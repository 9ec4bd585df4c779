"""Fixtures that every test may use."""

from unittest.mock import patch

import pytest
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import override_settings

from access import epoch, recognition
from config.history import NEVER_EMPTIED, events_of
from tests.engines import migrated_database
from tests.history import tracked_models

# What `migrate` puts there, and Django would work out again after each test.
MIGRATED = (
    *("django_content_type", "auth_permission", "auth_group"),
    "auth_group_permissions",
)


# Files that start whole servers or a browser: the longest, and some only wait.
LONGEST = (
    *("tests/serve/", "tests/faults/", "tests/hostile/", "tests/contract/"),
    *("tests/browser/", "tests/config/test_backup", "tests/test_migrations"),
)


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, so that no process has it left at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_slow_on_purpose():
    """Passwords are, and each of Django's clients, which reads all static files."""
    hasher = "django.contrib.auth.hashers.MD5PasswordHasher"
    with override_settings(WHITENOISE_AUTOREFRESH=True, PASSWORD_HASHERS=[hasher]):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Say of what the database of this process is made: it is migrated already."""
    connection.settings_dict["TEST"]["TEMPLATE"] = migrated_database()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Keep a copy of what `migrate` puts there, for `_tests_may_empty_tables`."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA kept")
        for table in MIGRATED:
            cursor.execute(f"CREATE TABLE kept.{table} AS TABLE {table}")


@pytest.fixture(scope="session", autouse=True)
def _tests_may_empty_tables():
    """Django empties every table after a test that commits; history refuses that."""
    triggers = [
        NEVER_EMPTIED.compile(events_of(model).model) for model in tracked_models()
    ]
    context = "ALTER TABLE pghistory_context {} TRIGGER context_is_never_emptied"
    off = [*(each.disable_sql for each in triggers), context.format("DISABLE")]
    on = [*(each.enable_sql for each in triggers), context.format("ENABLE")]
    kept = [f"INSERT INTO {table} TABLE kept.{table}" for table in MIGRATED]
    empty = DatabaseOperations.sql_flush

    def sql_flush(*arguments, **options):
        return [*off, *empty(*arguments, **options), *kept, *on]

    with (
        patch.object(DatabaseOperations, "sql_flush", sql_flush),
        patch.object(flush, "emit_post_migrate_signal"),
    ):
        yield


@pytest.fixture(autouse=True)
def _nobody_is_remembered():
    """Each test begins with no caller recognised and no request counted."""
    recognition.forget_all()
    epoch.forget_counts()
