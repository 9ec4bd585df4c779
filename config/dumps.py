"""Copies of the database in one file, made and read by PostgreSQL's own programs."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

from config.embedded.errors import EngineError
from config.embedded.postgres import Postgres
from config.embedded.state import state_folder
from config.errors import Conflict, DomainError

# What an import has staged is unlogged, and of no use in another database.
LEFT_OUT = "--exclude-table-data=staging.*"


class CannotCopy(DomainError):
    """A program of PostgreSQL is missing or has failed."""

    code = "cannot_copy"


class NotEmpty(Conflict):
    """The database that a copy is to be restored into holds something."""

    code = "not_empty"


def make_copy(path: Path) -> None:
    """Write a copy of the database, of one moment; the server may go on meanwhile.

    The file is there only when it is whole, and readable by its owner alone. Raises
    CannotCopy.
    """
    part = path.with_name(f"{path.name}.part")
    part.touch(mode=0o600)
    try:
        _run("pg_dump", "--format=custom", LEFT_OUT, f"--file={part}")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_copy(path: Path) -> None:
    """Fill the empty database with a copy: all of it, or nothing.

    Raises NotEmpty and CannotCopy.
    """
    if tables := connection.introspection.table_names():
        raise NotEmpty(f"The database is not empty: it has {len(tables)} tables.")
    connection.close()
    as_whole = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-acl")
    _run("pg_restore", *as_whole, str(path))


def _run(program: str, *options: str) -> None:
    found, environ = DatabaseClient.settings_to_cmd_args_env(
        connection.settings_dict, [*options]
    )
    *arguments, database = found[1:]
    command = [_found(program), f"--dbname={database}", *arguments]
    done = subprocess.run(
        command,
        env={**os.environ, **(environ or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        said = done.stderr.strip().partition("\n")[0]
        raise CannotCopy(f"{program} ended with status {done.returncode}: {said}")


def _found(program: str) -> str:
    """The program of the embedded PostgreSQL, or the one of this machine.

    That of the server's own version goes before: a newer pg_restore sets what an
    older server does not know, and an older pg_dump reads no newer server.
    """
    programs = [*filter(None, (_embedded(program), shutil.which(program)))]
    if not programs:
        raise CannotCopy(f"{program} is not installed here: run it where it is.")
    database: Any = connection
    server = database.pg_version // 10_000
    fitting = (found for found in programs if _version(found) == server)
    return next(fitting, programs[0])


def _embedded(program: str) -> str | None:
    state = state_folder()
    try:
        return str(Postgres(state, state.path, ()).programs() / program)
    except EngineError:
        return None


def _version(program: str) -> int:
    """The first number of `pg_dump (PostgreSQL) 15.18`."""
    said = subprocess.check_output([program, "--version"], text=True)
    return int(said.partition(") ")[2].partition(".")[0])
