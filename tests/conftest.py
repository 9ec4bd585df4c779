"""Fixtures that every test may use."""

import pytest

from access import epoch, recognition


@pytest.fixture(autouse=True)
def _nobody_is_remembered():
    """Each test begins with no caller recognised and no request counted."""
    recognition.forget_all()
    epoch.forget_counts()
