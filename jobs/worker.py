"""The Celery side: `python -m celery -A config worker --queues jobs`.

A worker of its own, so that no lane waits for an import.
"""

from celery import bootsteps, shared_task

from config.celery import app
from jobs.running import run
from jobs.sweep import QUEUE, RUN_JOB, Sweeper


@shared_task(name=RUN_JOB, ignore_result=True)
def run_job(job_id: str) -> None:
    """Run a job, however long it takes."""
    run(job_id)


class SweepingJobs(bootsteps.StartStopStep):
    """Runs the sweep in the main process, with or without the broker."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker, **options):
        self.sweeper = Sweeper()
        super().__init__(worker, **options)

    def include_if(self, worker):
        return QUEUE in worker.app.amqp.queues.consume_from

    def start(self, worker):
        self.sweeper.start()

    def stop(self, worker):
        self.sweeper.stop()

    terminate = stop


app.steps["worker"].add(SweepingJobs)
