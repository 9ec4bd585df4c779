import pytest

from jobs.operations import start_job
from tests.jobs import kinds  # noqa: F401 (registers them)


@pytest.fixture
def start():
    """Accept a job as a registrar would."""

    def start(kind, **arguments):
        return start_job(
            kind,
            {"code": "JOB1", **arguments},
            actor={"staff": "rita"},
            door="admin",
            reason="A new term",
        )

    return start
