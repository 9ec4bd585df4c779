"""A record that grade entry can work on."""

import pytest

from registrations.changes import Writer
from tests.factories import GradeStateFactory

WRITER = Writer(grader_id="grader")


@pytest.fixture
def writer():
    return WRITER


@pytest.fixture
def grade_states(db):
    return [GradeStateFactory(name=name) for name in ("pass", "fail", "incomplete")]
