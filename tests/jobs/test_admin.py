import pytest
from django.urls import reverse

from jobs.models import Job

pytestmark = pytest.mark.django_db

LIST = reverse("admin:jobs_job_changelist")


def page_of(job):
    return reverse("admin:jobs_job_change", args=[job.pk])


def chosen(action, job):
    return {"action": action, "_selected_action": [job.pk]}


def test_it_lists_jobs_with_who_asked_and_how_far_they_are(admin_client, start):
    job = start("make_course")
    Job.objects.filter(pk=job.pk).update(state="running", done=30, total=120)
    page = admin_client.get(LIST).content.decode()
    assert "rita" in page
    assert "25 % (30 of 120)" in page


def test_it_shows_what_nobody_can_tell_the_rights_for_without_its_numbers(
    admin_client, start
):
    job = start("make_what_is_known")
    Job.objects.filter(pk=job.pk).update(state="running", done=30, total=120)
    assert "(30 of 120)" not in admin_client.get(LIST).content.decode()
    page = admin_client.get(page_of(job))
    assert page.status_code == 200
    assert "JOB1" not in page.content.decode()


def test_it_looks_again_while_the_job_runs(admin_client, start):
    job = start("make_course")
    assert admin_client.get(page_of(job)).headers["Refresh"] == "2"


def test_it_looks_no_more_once_the_job_has_ended(admin_client, start):
    job = start("make_course")
    admin_client.post(LIST, chosen("cancel", job))
    assert "Refresh" not in admin_client.get(page_of(job)).headers


def test_it_cancels_a_job(admin_client, start):
    job = start("make_course")
    admin_client.post(LIST, chosen("cancel", job))
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_it_begins_a_failed_job_again(admin_client, start):
    job = start("make_course")
    Job.objects.filter(pk=job.pk).update(
        state="failed", attempts=3, error="Lost.", finished_at=job.accepted_at
    )
    admin_client.post(LIST, chosen("begin_again", job))
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error, job.finished_at) == (
        Job.State.QUEUED,
        0,
        "",
        None,
    )


@pytest.mark.parametrize("page", ["add", "delete"])
def test_it_lets_nobody_make_or_delete_one_by_hand(admin_client, start, page):
    job = start("make_course")
    url = page_of(job).replace("change", page) if page == "delete" else LIST + "add/"
    assert admin_client.get(url).status_code == 403
    assert Job.objects.count() == 1
