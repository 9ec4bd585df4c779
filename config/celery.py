"""The Celery application: `python -m celery -A config worker`."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("matricula")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="worker")
app.conf.imports = ["config.heartbeats"]


@setup_logging.connect
def keep_logging(**_):
    """Being connected keeps Celery from replacing the logging of the settings."""
