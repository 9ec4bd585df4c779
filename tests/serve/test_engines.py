"""The embedded engines as a single command gets them, in all sorts of places."""

import os
import subprocess
import sys

import psutil

from config.embedded.state import StateFolder
from tests.serve.server import ROOT, manage

VERSION = (
    "from django.db import connection as c; k = c.cursor();"
    "k.execute('SHOW server_version_num'); print(k.fetchone()[0][:2])"
)
PING = "from config.broker import client; print(client().ping())"


def shell(state, code):
    return manage(state, "shell", "-v0", "-c", code)


def own_processes(state):
    """Return the processes whose command names the state folder."""
    found = psutil.process_iter(["cmdline"])
    return [p for p in found if str(state) in " ".join(p.info["cmdline"] or ())]


def test_it_gives_a_command_engines_that_end_with_it(tmp_path):
    state = tmp_path / "var"

    assert shell(state, VERSION + ";" + PING).stdout == "18\nTrue\n"
    assert own_processes(state) == []


def test_it_runs_under_a_path_too_long_for_a_socket(tmp_path):
    state = tmp_path / ("a 'long' \"path\" " * 8)

    assert shell(state, VERSION + ";" + PING).stdout == "18\nTrue\n"


def test_it_says_which_folder_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    state = tmp_path / "file" / "var"

    refused = shell(state, VERSION)

    assert refused.returncode == 1
    assert refused.stderr == (
        f"The state folder {state} cannot be written (Not a directory): "
        "set REGISTRY_VAR to a folder that can.\n"
    )


def test_it_says_what_to_do_with_the_files_of_another_major_version(tmp_path):
    cluster = tmp_path / "var" / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("16\n")

    refused = shell(tmp_path / "var", VERSION)

    assert refused.returncode == 1
    assert refused.stderr.startswith(
        f"{cluster} was made by PostgreSQL 16 and this release runs 18: dump it"
    )
    assert (cluster / "PG_VERSION").read_text() == "16\n"


def test_it_starts_where_a_dead_server_left_a_number_that_is_anothers_now(tmp_path):
    state = tmp_path / "var"
    shell(state, VERSION)
    (state / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n")

    assert shell(state, VERSION).stdout == "18\n"


def test_it_needs_no_engine_to_look_for_missing_migrations(tmp_path):
    state = tmp_path / "var"

    assert manage(state, "makemigrations", "--check").returncode == 0
    assert manage(state, "createclient", "--help").returncode == 0
    assert not state.exists()


def test_it_starts_nothing_where_the_environment_names_the_engines(tmp_path):
    state = tmp_path / "var"
    ran = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", VERSION + ";" + PING],
        cwd=ROOT,
        env={**os.environ, "REGISTRY_VAR": str(state), "SECRET_KEY": "given"},
        capture_output=True,
        text=True,
    )

    assert ran.stdout.endswith("\nTrue\n")
    assert not state.exists()


def test_it_makes_each_secret_at_random_and_keeps_it(tmp_path):
    (tmp_path / "other").mkdir()
    first, other = StateFolder(tmp_path), StateFolder(tmp_path / "other")

    secret = first.secret("secret_key")

    assert StateFolder(tmp_path).secret("secret_key") == secret
    assert other.secret("secret_key") != secret
    assert first.secret("broker_password") != secret
