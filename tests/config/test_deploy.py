"""What the deployment files promise, as far as it shows without running them."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
OURS = ["secrets", "migrate", "web", "tasks", "jobs"]


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


@pytest.fixture(scope="module")
def dockerfile():
    return (ROOT / "Dockerfile").read_text()


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
