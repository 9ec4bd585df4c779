"""Fixtures that every test may use."""

import pytest

from access import epoch, recognition

LONG = ("tests/serve/", "tests/faults/", "tests/contract/", "tests/browser/")


def pytest_collection_modifyitems(items):
    """Begin with the files that take long, so that none is waited for at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(autouse=True)
def _nobody_is_remembered():
    """Each test begins with no caller recognised and no request counted."""
    recognition.forget_all()
    epoch.forget_counts()
