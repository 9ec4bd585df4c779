"""Databases beside that of the tests, for commands that need one of their own."""

import os
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parents[2]
TABLES = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""


class Database:
    """An empty database beside that of the tests."""

    def __init__(self):
        self.login = None  # another than that of the tests
        self.name = f"copy_{secrets.token_hex(4)}"
        self.server = {**conninfo_to_dict(os.environ["DATABASE_URL"])}
        self._do("CREATE DATABASE")

    def drop(self):
        self._do("DROP DATABASE")

    def _do(self, verb):
        server = {**self.server, "dbname": "postgres"}
        with psycopg.connect(**server, autocommit=True) as connection:
            connection.execute(f"{verb} {self.name}")

    @property
    def url(self):
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{self.name}")
        if self.login:
            login = ":".join(map(quote, self.login))
            url = url._replace(netloc=f"{login}@{url.netloc.rpartition('@')[2]}")
        return url.geturl()

    def rows(self, statement):
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchall()

    def counts(self):
        """Return the number of rows of each table."""
        tables = [name for (name,) in self.rows(TABLES)]
        return {name: self.rows(f"SELECT count(*) FROM {name}") for name in tables}

    def write(self, statements):
        with psycopg.connect(self.url) as connection:
            connection.execute(statements)

    def manage(self, *arguments):
        """Run a command of ours on it; return how it ended and what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": self.url},
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout, done.stderr
