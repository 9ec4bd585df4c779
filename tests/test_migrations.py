"""Migrations say all that the models say, go back as well as forth, and hold no
lock for long on a table that is in use."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

from tests.test_layers import APPS

OURS = {"config", *APPS}


def migrations():
    """Return our migrations, each under its name, in an order that is the same in
    every process."""
    loaded = MigrationLoader(None).disk_migrations
    return [
        pytest.param(loaded[key], id=".".join(key))
        for key in sorted(loaded)
        if key[0] in OURS
    ]


@pytest.mark.django_db
def test_it_says_all_that_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("migration", migrations())
def test_it_can_be_taken_back(migration):
    assert [each for each in migration.operations if not each.reversible] == []


@pytest.mark.django_db
def test_it_goes_back_and_forth_again():
    for_all(OURS, "zero")
    assert tables() == []

    call_command("migrate", verbosity=0)
    assert len(tables()) > len(OURS)


def for_all(labels, target):
    for label in sorted(labels):
        call_command("migrate", label, target, verbosity=0)


def tables():
    models = (m for label in OURS for m in apps.get_app_config(label).get_models())
    names = {model._meta.db_table for model in models}
    return sorted(names.intersection(connection.introspection.table_names()))


@pytest.mark.django_db
def test_it_locks_no_table_that_is_in_use_for_long(capsys):
    linter = MigrationLinter(
        None, include_apps=OURS, ignore_initial_migrations=True, no_cache=True
    )
    linter.lint_all_migrations()

    assert not linter.has_errors, capsys.readouterr().out
