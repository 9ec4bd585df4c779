"""Jobs with a real worker, whose processes die."""

import os
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
from django.db import connection

from config.broker import client
from config.history import events_of
from config.processes import spawn, stop
from jobs.models import Job
from offerings.models import Course, Term
from tests.jobs.conftest import start  # noqa: F401 (a fixture)
from tests.transfer.conftest import receive  # noqa: F401 (a fixture)
from transfer import importing
from transfer.staging import staged_ids

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 180  # seconds, for what takes ten on a quiet machine


@pytest.fixture
def worker():
    """A worker of the queue of jobs, on the database of this test."""
    client().delete("jobs")
    process = spawn(
        [
            *(sys.executable, "-m", "celery", "-A", "config", "worker"),
            *("--queues", "jobs", "--hostname", "jobs@%h", "--concurrency", "1"),
            *("--include", "tests.jobs.kinds", "--without-gossip"),
            *("--without-mingle", "--loglevel", "WARNING"),
        ],
        stop_signal=signal.SIGTERM,
        env={**os.environ, "DATABASE_URL": database(), "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield process
    stop(process, signal.SIGTERM, grace=10)


def database():
    """The URL of the database of this test, whatever form that of the engine has."""
    engine = urlsplit(os.environ["DATABASE_URL"])
    return engine._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def wait_until_ended(job):
    ends = time.monotonic() + PATIENCE
    while not job.has_ended and time.monotonic() < ends:
        time.sleep(0.1)
        job.refresh_from_db()


def test_a_job_is_begun_again_when_its_process_is_killed(start, worker):  # noqa: F811
    job = start("die_first", deaths=1)
    wait_until_ended(job)
    assert (job.state, job.result) == (Job.State.DONE, {"attempts": 2})
    assert Course.objects.filter(code="JOB1").count() == 1


def test_a_job_that_kills_every_worker_ends_and_leaves_nothing(start, worker):  # noqa: F811
    job = start("die_first", deaths=9)
    wait_until_ended(job)
    assert (job.state, job.attempts, job.result) == (Job.State.FAILED, 3, None)
    assert not Course.objects.exists()


def test_an_import_whose_worker_is_killed_is_applied_once(
    start,  # noqa: F811
    worker,
    receive,  # noqa: F811
):
    rows = "".join(f"T{number},T,2030-01-01,2030-02-01\n" for number in range(500))
    it = importing.check(*receive("terms", f"code,name,starts_on,ends_on\n{rows}"))
    job = start("import_and_die_first", deaths=1, **{"import": it.pk})
    wait_until_ended(job)
    assert (job.state, job.result) == (Job.State.DONE, {"attempts": 2})
    assert Term.objects.count() == events_of(Term).count() == 500
    it.refresh_from_db()
    assert it.state == it.State.APPLIED
    assert staged_ids() == set()
