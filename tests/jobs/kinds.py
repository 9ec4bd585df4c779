"""Kinds of job that only the tests know."""

import os
import signal

from django.db import connection

from config.errors import Invalid
from jobs.registry import job, nothing
from offerings.models import Course, Term
from transfer import importing


def make_course(job):
    return Course.objects.create(code=job.arguments["code"], name="Made by a job")


@job("make_course", needs=nothing)
def make_a_course(job, progress):
    make_course(job)
    return {"made": job.arguments["code"]}


@job("make_what_is_known", needs=lambda job: [job.arguments["permission"]])
def make_what_is_known(job, progress):
    make_course(job)


@job("refuse", needs=nothing)
def refuse_after_the_work(job, progress):
    make_course(job)
    raise Invalid("The file has no rows.")


@job("break", needs=nothing)
def break_after_the_work(job, progress):
    make_course(job)
    raise RuntimeError("a secret detail")


@job("break_a_rule", needs=nothing)
def break_a_rule_of_the_commit(job, progress):
    Course.objects.create(code=job.arguments["code"], name="Made by a job")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO offerings_courseintake (id, course_id, name)"
            " VALUES ('i', 'nobody', 'Class of none')"
        )


@job("report", needs=nothing)
def report_and_look(job, progress):
    make_course(job)
    progress.begin("counting")
    progress.next_at = 0
    progress(30, 120)
    return {"seen": job.arguments["code"]}


@job("make_term", needs=nothing)
def make_a_term(job, progress):
    Term.objects.create(
        name="A term", code="209901", starts_on="2099-01-01", ends_on="2099-03-01"
    )


@job("die_first", needs=nothing)
def die_the_first_time(job, progress):
    make_course(job)
    progress.begin("dying")
    if job.attempts <= job.arguments["deaths"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"attempts": job.attempts}


@job("import_and_die_first", needs=nothing)
def import_and_die_the_first_time(job, progress):
    """Die when all rows are written, and not yet committed."""
    it = importing.held(job.arguments["import"])

    def advance(done, total=0):
        if done and job.attempts <= job.arguments["deaths"]:
            os.kill(os.getpid(), signal.SIGKILL)

    importing.apply(it, reason=job.reason, advance=advance)
    return {"attempts": job.attempts}
