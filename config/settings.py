"""Settings of Matricula, in one file. Every value that an operator may set is
read from the environment here and described in docs/operating."""

from pathlib import Path

import pgtrigger

from config.env import Env

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

# --- The deployment ---------------------------------------------------------
DEBUG = env.flag("DEBUG", False)
STATE_DIR = Path(env.text("REGISTRY_VAR", str(BASE_DIR / "var"))).absolute()
SECRET_KEY = env.text("SECRET_KEY", "insecure-until-the-state-folder-holds-one" * 2)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8000")  # issuer, absolute URLs
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False  # URLs work with and without; a write is never redirected

INSTALLED_APPS = [
    "config",
    "access",
    "offerings",
    "students",
    "registrations",
    "enrollments",
    "tasks",
    "pgtrigger",
    "pghistory",
    "pghistory.admin",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database ---------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL", "")
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "registry"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- History ----------------------------------------------------------------
PGHISTORY_LEVEL = pgtrigger.Statement
PGHISTORY_APPEND_ONLY = True

# --- Broker and workers -----------------------------------------------------
REDIS_URL = env.text("REDIS_URL", "")

# --- Language and time ------------------------------------------------------
LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "UTC")  # the registry's: "today" is a date in it

# --- Static files -----------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

env.check()
