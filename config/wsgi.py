"""The WSGI application: `granian --interface wsgi config.wsgi:application`."""

import gc
import os
import signal

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

from config.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if "REGISTRY_SUPERVISED" in os.environ:
    end_with_parent(signal.SIGTERM)  # granian's workers would outlive it

gc.disable()  # what is made here stays: looking through it again and again takes long
application = get_wsgi_application()
resolve("/admin/")  # reads every URL now, so that no request waits for it
gc.freeze()
gc.enable()
