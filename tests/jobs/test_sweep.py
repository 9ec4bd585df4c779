import pytest
from django.db import connections
from django.utils import timezone

from config.broker import client
from jobs import sweep
from jobs.models import Job
from offerings.models import Course

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _empty_queue():
    client().delete("jobs")


def test_it_finds_a_new_job_once(start):
    job = start("make_course")
    assert sweep.find() == [job.pk]
    assert sweep.find() == []


def test_it_finds_a_job_whose_worker_died(start):
    job = start("make_course")
    Job.objects.filter(pk=job.pk).update(state="running", attempts=1)
    assert sweep.find() == [job.pk]


def test_it_leaves_a_job_that_runs(start):
    job = start("make_course")
    Job.objects.filter(pk=job.pk).update(state="running", attempts=1)
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(1785684595, %s)", [job.lock_number])
        assert sweep.find() == []
    other.close()


def test_it_leaves_jobs_that_ended_and_kinds_it_does_not_know(start):
    start("of_next_year")
    ended = start("make_course")
    Job.objects.filter(pk=ended.pk).update(state="done", finished_at=timezone.now())
    assert sweep.find() == []


def test_it_tells_the_workers(start):
    start("make_course")
    sweep.sweep()
    assert client().llen("jobs") == 1
    assert not Course.objects.exists()


def test_it_runs_a_job_itself_while_the_broker_is_away(start, monkeypatch):
    job = start("make_course")
    monkeypatch.setattr(sweep, "hint", lambda job_id: False)
    sweep.sweep()
    job.refresh_from_db()
    assert job.state == "done"
