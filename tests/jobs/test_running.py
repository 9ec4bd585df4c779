import pytest
from django.db import connection, connections

from config.ids import new_id
from jobs.models import Job
from jobs.operations import cancel_job
from jobs.progress import Progress
from jobs.running import BROKEN, LOST, run, take_lock
from offerings.models import Course, Term

pytestmark = pytest.mark.django_db(transaction=True)


def state_of(job):
    job.refresh_from_db()
    return job.state, job.error, job.result


def test_it_commits_the_work_and_its_ending_together(start):
    job = start("make_course")
    run(job.pk)
    assert state_of(job) == ("done", "", {"made": "JOB1"})
    assert job.attempts == 1
    assert job.finished_at is not None
    assert Course.objects.filter(code="JOB1").count() == 1


def test_it_does_nothing_for_a_job_that_has_ended(start):
    job = start("make_course")
    run(job.pk)
    run(job.pk)
    assert state_of(job) == ("done", "", {"made": "JOB1"})
    assert job.attempts == 1


def test_it_ends_failed_with_the_sentence_and_leaves_nothing_behind(start):
    job = start("refuse")
    run(job.pk)
    assert state_of(job) == ("failed", "The file has no rows.", None)
    assert not Course.objects.exists()


def test_it_keeps_the_detail_of_a_crash_to_the_log(start, caplog):
    job = start("break")
    run(job.pk)
    assert state_of(job) == ("failed", BROKEN, None)
    assert "a secret detail" in caplog.text
    assert not Course.objects.exists()


def test_it_finds_what_only_the_commit_would_refuse(start):
    job = start("break_a_rule")
    run(job.pk)
    assert state_of(job) == ("failed", BROKEN, None)
    assert not Course.objects.exists()


def test_it_leaves_a_kind_that_this_release_does_not_know(start):
    job = start("of_next_year")
    run(job.pk)
    assert state_of(job) == ("queued", "", None)


def test_it_refuses_what_nobody_can_tell_the_rights_for(start):
    job = start("make_what_is_known")
    run(job.pk)
    assert state_of(job) == ("failed", "rita may not ask for this any more.", None)
    assert not Course.objects.exists()


def test_it_does_not_begin_what_another_runs(start):
    job = start("make_course")
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(1785684595, %s)", [job.lock_number])
        run(job.pk)
    other.close()
    assert state_of(job) == ("queued", "", None)
    assert not Course.objects.exists()


def test_it_gives_up_a_job_that_lost_its_worker_three_times(start):
    job = start("make_course")
    Job.objects.filter(pk=job.pk).update(state="running", attempts=3)
    run(job.pk)
    assert state_of(job) == ("failed", LOST, None)
    assert not Course.objects.exists()


def test_it_records_who_asked_by_which_door_and_why(start):
    job = start("make_term")
    run(job.pk)
    event = Term.objects.get().events.get()
    assert event.pgh_context.metadata == {
        "actor": {"staff": "rita"},
        "door": "admin",
        "reason": "A new term",
        "job_id": job.pk,
    }


def test_others_see_its_progress_while_it_is_open(start):
    job = start("report")
    run(job.pk)
    job.refresh_from_db()
    assert (job.done, job.total, job.stage) == (30, 120, "counting")
    assert job.percent == 25


def test_a_report_stops_a_job_that_somebody_cancelled(start):
    job = start("report")
    Job.objects.filter(pk=job.pk).update(cancel_requested_at="2026-01-01T00:00Z")
    run(job.pk)
    assert state_of(job) == ("cancelled", "It was cancelled.", None)
    assert not Course.objects.exists()


def test_a_report_of_an_attempt_that_was_overtaken_changes_nothing(start):
    job = start("report")
    Job.objects.filter(pk=job.pk).update(state="running", attempts=2)
    Progress(connection, job.pk, 1)(30, 120)
    job.refresh_from_db()
    assert (job.done, job.total) == (0, 0)


def test_cancelling_ends_a_job_that_waits(start):
    job = start("make_course")
    cancel_job(job.pk)
    run(job.pk)
    assert state_of(job) == ("cancelled", "", None)
    assert not Course.objects.exists()


def test_the_lock_of_a_job_is_free_once_its_transaction_is_over(start):
    job = Job(pk=new_id())
    assert take_lock(job) is True
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(1785684595, %s)", [job.lock_number])
        assert cursor.fetchone() == (True,)
    other.close()
