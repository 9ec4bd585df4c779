"""The demo record under tests that walk through every endpoint."""

import pytest
from django.db import transaction

from config.demo import load


@pytest.fixture(scope="module")
def demo_record(django_db_setup, django_db_blocker):
    """The demo record, loaded once for the tests of a module and gone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(demo_record, db):
    """The demo record, as it was loaded."""
