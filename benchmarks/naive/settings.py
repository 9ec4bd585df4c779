"""The product's tables behind a plain Django: no authentication, little around."""

from config.settings import *  # noqa: F403 (settings are made to be taken over)

ROOT_URLCONF = "benchmarks.naive.urls"
WSGI_APPLICATION = "benchmarks.naive.wsgi.application"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
    "PAGE_SIZE": 100,
}
