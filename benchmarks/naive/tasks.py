from config.celery import app


@app.task(queue="naive")
def patch_enrollment(task_id):
    """Only published here; nobody works this queue."""
