"""What `serve` is asked wrongly is refused with a sentence, before it starts."""

import subprocess
import sys

import pytest

from tests.serve.server import ROOT, environment, free_port, manage


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--bind", "8000"],
            "CommandError: '8000' is not HOST:PORT, as in 127.0.0.1:8000.\n",
        ),
        (
            ["--bind", "127.0.0.1:80000"],
            "CommandError: '127.0.0.1:80000' is not HOST:PORT, as in 127.0.0.1:8000.\n",
        ),
        (
            ["--bind", "192.0.2.1:8000"],
            "CommandError: 192.0.2.1:8000 cannot be listened on "
            "(Cannot assign requested address): "
            "choose another with --bind HOST:PORT.\n",
        ),
    ],
)
def test_it_refuses_an_address_that_is_none_of_ours(tmp_path, arguments, sentence):
    refused = manage(tmp_path / "var", "serve", *arguments)

    assert (refused.returncode, refused.stderr) == (1, sentence)
    assert not (tmp_path / "var").exists()


def test_it_refuses_to_run_no_workers(tmp_path):
    refused = manage(tmp_path / "var", "serve", "--workers", "0")

    assert refused.returncode == 2
    assert refused.stderr.endswith("argument --workers: at least one is needed\n")


def test_it_says_when_the_given_database_does_not_answer(tmp_path):
    given = {
        "DATABASE_URL": f"postgresql://clerk:secret@127.0.0.1:{free_port()}/registry",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
    }

    refused = serve(tmp_path / "var", given)

    assert refused.returncode == 1
    assert "CommandError: The database does not answer: " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "secret" not in refused.stderr


def test_it_says_which_settings_cannot_be_read(tmp_path):
    refused = serve(tmp_path / "var", {"DATABASE_URL": "mysql://", "WEB_THREADS": "x"})

    assert refused.returncode == 1
    assert refused.stderr == (
        "WEB_THREADS must be a whole number, not 'x'; DATABASE_URL cannot be read: "
        "it is not like postgresql://user:password@host:5432/name\n"
    )


def serve(state, given):
    return subprocess.run(
        [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{free_port()}"],
        cwd=ROOT,
        env={**environment(state), **given},
        capture_output=True,
        text=True,
    )
