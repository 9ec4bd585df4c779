from celery import shared_task


@shared_task(queue="naive")
def patch_enrollment(task_id):
    """Only published here; nobody works this queue."""
