"""Settings of Matricula, in one file. Every value that an operator may set is
read from the environment here and described in docs/operating."""

import json
from datetime import timedelta
from pathlib import Path

import pghistory
import pgtrigger

from config.addresses import celery_broker, django_database
from config.embedded.state import state_folder
from config.env import Env
from config.logging import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

# --- The deployment ---------------------------------------------------------
DEBUG = env.flag("DEBUG", False)
STATE_DIR = state_folder().path  # REGISTRY_VAR
SECRET_KEY = env.text("SECRET_KEY", "")  # Django refuses to use an empty one
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8000")  # issuer, absolute URLs
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES")  # whose X-Forwarded-* count
METRICS_TOKEN = env.text("METRICS_TOKEN", "")  # without one: this machine only
WEB_THREADS = env.integer("WEB_THREADS", 4)  # requests that a web process handles
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
    "jobs",
    "transfer",
    "pgtrigger",
    "pghistory",
    "config.apps.DeskConfig",  # the admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # the templates of its widgets, of which we have some of our own
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_otp",
    "axes",
]

MIDDLEWARE = [
    "config.middleware.RequestIdMiddleware",
    "config.proxies.TrustedProxyMiddleware",
    "config.health.ProbeMiddleware",
    "config.observation.ObservationMiddleware",
    "config.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.browsers.Sessions",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.browsers.Authentication",
    "config.browsers.SecondFactor",
    "config.browsers.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
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

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database ---------------------------------------------------------------
# Without a URL this names a database that no one has reached yet: enough for
# commands that need none. `manage.py` lends the others the embedded one.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "matricula",
        "CONN_HEALTH_CHECKS": True,  # an engine that was restarted costs no 500
        **env.parsed("DATABASE_URL", django_database, {}),
    }
}
# False behind a pooler that gives each transaction another connection.
PREPARED_STATEMENTS = env.flag("PREPARED_STATEMENTS", True)
# Each thread keeps the connection that it has; or all of a process share a pool,
# where there are to be fewer of them. Never both.
DATABASE_POOL = env.integer("DATABASE_POOL", 0)
if DATABASE_POOL:
    pool = {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 5}
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = pool
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600  # seconds
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- History ----------------------------------------------------------------
PGHISTORY_LEVEL = pgtrigger.Statement
PGHISTORY_APPEND_ONLY = True
# Later than the locks that the writer waited for, unlike the transaction's start.
PGHISTORY_CREATED_AT_FUNCTION = "STATEMENT_TIMESTAMP()"
# History is found by its row and its context; an index for each other key would
# cost every write.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_index=True)
PGHISTORY_CONTEXT_FIELD = pghistory.ContextForeignKey(null=True, db_index=True)

# --- Access -----------------------------------------------------------------
# A SECRET_KEY that was changed still opens what it sealed while it stands here.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
JWT_ALGORITHM = env.text("JWT_ALGORITHM", "RS256")  # or EdDSA
JWT_LIFETIME = timedelta(hours=3)
TRUSTED_ISSUERS = env.parsed("TRUSTED_ISSUERS", json.loads, [])  # see docs/access
RATE_LIMIT = env.integer("RATE_LIMIT", 100_000)  # requests a minute; 0: none
# Failed authentications a minute from one address; 0: any number.
FAILED_AUTHENTICATION_LIMIT = env.integer("FAILED_AUTHENTICATION_LIMIT", 300)
# Days that the disclosure log is kept; none: as long as the record is.
DISCLOSURES_KEPT_DAYS = env.parsed("DISCLOSURES_KEPT_DAYS", int, None)

# --- Staff ------------------------------------------------------------------
# Whoever has set up a second factor is always asked for it; this asks everybody.
SECOND_FACTOR_REQUIRED = env.flag("SECOND_FACTOR_REQUIRED", False)
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: it refuses who is locked out
    "django.contrib.auth.backends.ModelBackend",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
]
# By name and address together: a stranger cannot lock a registrar out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = env.integer("LOGIN_FAILURE_LIMIT", 5)  # then it is locked
AXES_COOLOFF_TIME = timedelta(minutes=env.integer("LOGIN_LOCKED_MINUTES", 15))
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "config.proxies.address_of"
AXES_LOCKOUT_CALLABLE = "config.admin.login.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # the log has a line for each request
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- Browsers ---------------------------------------------------------------
# Only the admin has sessions. Over https its cookies go over nothing else.
IS_HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_NAME = "__Host-sessionid" if IS_HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_HTTPS else "csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
LOGIN_REDIRECT_URL = "/admin/"  # where the address asked for is none of ours
SESSION_COOKIE_AGE = 60 * env.integer("SESSION_MINUTES", 10 * 60)
SECURE_HSTS_SECONDS = env.integer("HSTS_SECONDS", 31_536_000) if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # a write is never answered by a redirect, not even to https
    "security.W021",  # whether a domain is preloaded is for its owner to say
    # On this machine alone plain http does; access.W001 speaks up elsewhere.
    *(["security.W004", "security.W012", "security.W016"] if not IS_HTTPS else []),
]

# --- Broker and workers -----------------------------------------------------
REDIS_URL = env.text("REDIS_URL", "")  # redis://, rediss:// or unix://
CELERY_BROKER_URL = celery_broker(REDIS_URL)

# A message only says that a lane has work (tasks.dispatch): it may be lost or
# doubled, so it is acknowledged early, and no result is kept.
CELERY_TASK_DEFAULT_QUEUE = "lanes"
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
# Without remote control a busy worker stops to consume when the broker restarts.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
    # What a worker took and lost is found by a sweep; noting it costs more than it.
    "ack_emulation": False,
}
CELERY_TIMEZONE = "UTC"
CELERY_DB_REUSE_MAX = 1_000_000_000  # a worker keeps its database connection

# --- Tasks ------------------------------------------------------------------
TASKS_WAITING_PER_RESOURCE = env.integer("TASKS_WAITING_PER_RESOURCE", 1_000)
TASKS_WAITING_IN_ALL = env.integer("TASKS_WAITING_IN_ALL", 1_000_000)
TASKS_KEPT_DAYS = env.integer("TASKS_KEPT_DAYS", 30)  # after they ended
TASKS_PAYLOAD_KEPT_DAYS = env.integer("TASKS_PAYLOAD_KEPT_DAYS", TASKS_KEPT_DAYS)
JOBS_KEPT_DAYS = env.integer("JOBS_KEPT_DAYS", 30)  # after they ended
TRANSFERS_KEPT_DAYS = env.integer("TRANSFERS_KEPT_DAYS", 30)  # after they were begun

# --- Language and time ------------------------------------------------------
LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "UTC")  # the registry's: "today" is a date in it

# --- REST -------------------------------------------------------------------
REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "DEFAULT_SCHEMA_CLASS": "config.rest.schema.InterfaceSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Matricula",
    "DESCRIPTION": "An academic registry: one record, five published interfaces.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SORT_OPERATIONS": True,
    "PREPROCESSING_HOOKS": ["config.rest.schema.without_slashes"],
    "POSTPROCESSING_HOOKS": ["config.rest.schema.with_components"],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "Bearer": {"type": "http", "scheme": "bearer"},
            "FF-Auth": {"type": "apiKey", "in": "header", "name": "FF-Auth"},
            "Key": {"type": "apiKey", "in": "header", "name": "Authorization"},
        }
    },
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a grade sheet is one form
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # bytes; views may take less
FILE_UPLOAD_HANDLERS = ["config.uploads.StaffUploadHandler"]
UPLOAD_MEGABYTES = env.integer("UPLOAD_MEGABYTES", 2048)  # of a file to be imported

# --- Logs -------------------------------------------------------------------
LOG_REQUESTS = env.flag("LOG_REQUESTS", True)  # a line for each
LOGGING = logging_settings(level=env.text("LOG_LEVEL", "INFO"), is_readable=DEBUG)

# --- Static files -----------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.text("STATIC_ROOT", "") or None
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_USE_FINDERS = STATIC_ROOT is None  # a clone serves them where they lie

env.check()
