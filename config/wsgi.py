"""The WSGI application: `granian --interface wsgi config.wsgi:application`."""

import os
import signal

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

from config.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Threads that come and go share a pool; other processes keep a connection each.
os.environ.setdefault("DATABASE_POOL", os.environ.get("WEB_THREADS", "4"))

if "REGISTRY_SUPERVISED" in os.environ:
    end_with_parent(signal.SIGTERM)  # granian's workers would outlive it

application = get_wsgi_application()
resolve("/admin/")  # reads every URL now, so that no request waits for it
