"""What the deployment files promise, as far as it shows without running them."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.test_docs import settings

ROOT = Path(__file__).resolve().parents[2]
OPERATING = (ROOT / "docs" / "operating.md").read_text()
OURS = ["secrets", "migrate", "web", "tasks", "jobs"]


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


@pytest.fixture(scope="module")
def dockerfile():
    return (ROOT / "Dockerfile").read_text()


def test_it_has_nothing_that_django_warns_of_in_production():
    """Whole, with all settings read anew; what is silenced is in decision 0012."""
    environ = {
        "PUBLIC_URL": "https://registry.example.edu",
        "ALLOWED_HOSTS": "registry.example.edu",
        "SECRET_KEY": secrets.token_urlsafe(48),
    }
    command = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (
        0,
        "System check identified no issues (2 silenced).\n",
    ), done.stderr


@pytest.mark.parametrize("name", OURS)
def test_it_gives_a_container_no_more_than_it_needs(services, name):
    service = services[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", ["database", "broker", "tasks", "jobs"])
def test_it_looks_after_the_health_of_a_container(services, name):
    assert services[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", ["web", "tasks", "jobs"])
def test_it_serves_only_a_migrated_database(services, name):
    assert services[name]["depends_on"]["migrate"] == {
        "condition": "service_completed_successfully"
    }


def test_it_opens_the_web_to_this_machine_only(services):
    published = {
        name: each["ports"] for name, each in services.items() if "ports" in each
    }

    assert published == {"web": ["${BIND:-127.0.0.1:8000}:8000"]}


def test_it_builds_an_image_from_hashes_that_runs_as_nobody_in_particular(dockerfile):
    assert "--require-hashes --only-binary :all: -r requirements.lock" in dockerfile
    assert re.findall(r"^USER (.*)$", dockerfile, re.MULTILINE) == ["registry"]
    assert "HEALTHCHECK" in dockerfile


def test_it_names_a_version_of_every_image(services, dockerfile):
    images = {each["image"] for each in services.values() if "image" in each}
    bases = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)

    assert images == {"matricula", "postgres:17-bookworm", "valkey/valkey:8-bookworm"}
    assert set(bases) == {"python:3.13-slim-bookworm"}


def test_it_builds_without_what_a_linter_of_dockerfiles_would_refuse(dockerfile):
    lines = dockerfile.splitlines()

    assert [
        line for line in lines if re.match(r"ADD|MAINTAINER|RUN .*sudo", line)
    ] == []
    assert "--no-cache-dir" in dockerfile
    assert re.findall(r"^WORKDIR (?!/)", dockerfile, re.MULTILINE) == []
    assert re.findall(r"^(?:CMD|ENTRYPOINT) (?!\[)", dockerfile, re.MULTILINE) == []
    assert dockerfile.index("\nUSER registry\n") < dockerfile.index("\nCMD [")


def test_it_copies_no_state_history_or_secret_into_the_image():
    ignored = (ROOT / ".dockerignore").read_text().split()

    assert {".git", ".venv", "var"} <= {*ignored}


def test_it_names_only_settings_that_there_are(services):
    named = {name.removesuffix("_FILE") for name in services["web"]["environment"]}

    assert named <= {*settings()}


@pytest.mark.parametrize("name", ["tasks", "jobs"])
def test_it_runs_the_workers_as_the_documentation_says(services, name):
    (row,) = re.findall(rf"^\| {name} \| `(.*)` \|$", OPERATING, re.MULTILINE)

    assert " ".join(services[name]["command"]) == row.replace("cy N", "cy 2")


def test_it_serves_the_web_as_the_documentation_says(dockerfile):
    (row,) = re.findall(r"^\| web \| `(.*)` \|$", OPERATING, re.MULTILINE)
    command = dockerfile.partition("\nCMD ")[2].replace("\\\n", "")
    words = json.loads(command)

    assert {*row.replace("workers N", "workers 2").split()} <= {*words}


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)
def test_it_has_a_unit_that_systemd_understands(tmp_path):
    unit = tmp_path / "matricula.service"
    text = (ROOT / "deploy" / "matricula.service").read_text()
    unit.write_text(text.replace("/srv/matricula/.venv/bin/python", sys.executable))

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_it_makes_each_secret_once(tmp_path):
    make_secrets(tmp_path)
    first = {path.name: path.read_text() for path in tmp_path.iterdir()}
    make_secrets(tmp_path)

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == first
    assert sorted(first) == ["database_password", "database_url", "secret_key"]
    assert first["database_url"] == (
        f"postgresql://registry:{first['database_password'].strip()}"
        "@database:5432/matricula\n"
    )


def make_secrets(folder):
    subprocess.run(["sh", ROOT / "deploy" / "make-secrets", folder], check=True)
