"""One URL per engine, in the forms that Django and Celery want it."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

NAMES = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}


def django_database(url: str) -> dict[str, Any]:
    """Return the Django settings of a PostgreSQL URL, as libpq reads it.

    Raises ValueError for what is no such URL, without showing its password.
    """
    try:
        parts = conninfo_to_dict(url if "://" in url else "")
    except ProgrammingError:
        parts = {}
    if "dbname" not in parts:
        raise ValueError("it is not like postgresql://user:password@host:5432/name")
    settings = {NAMES[name]: parts.pop(name) for name in NAMES if name in parts}
    return {**settings, "OPTIONS": parts}


def celery_broker(url: str) -> str:
    """Return the Celery form of a Redis URL.

    That of a socket differs, and a database is named by the path alone.
    """
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    database = query.pop("db", ["0"])[0]
    if parts.scheme == "unix":
        return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"
    if "db=" not in parts.query:
        return url
    rest = urlencode(query, doseq=True)
    return parts._replace(path=f"/{database}", query=rest).geturl()
