import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.naive.settings"
os.environ.setdefault("DATABASE_POOL", "4")

application = get_wsgi_application()
