"""`manage.py serve`: one server's life, from nothing to nothing, in this order."""

import json
import signal
import stat

import pytest
import requests

from tests.serve.server import WHOLE, free_port, manage, wait_for

PROFILE = "507f1f77bcf86cd799439011"
SAVE = (
    "from students.models import Profile;"
    f"Profile.objects.filter(pk='{PROFILE}').update(class_year=2031)"
)
SHOW = (
    "from students.models import Profile;"
    f"print(Profile.objects.get(pk='{PROFILE}').class_year)"
)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_it_starts_everything_from_nothing(server):
    wait_for(server.is_whole)

    assert server.probe() == WHOLE


def test_it_prints_the_address_and_three_calls(server):
    assert f"Matricula answers at {server.url}\n" in server.said
    assert server.said.count("\ncurl ") == 3


def test_it_tells_a_log_where_the_secrets_are_and_not_what_they_are(server):
    key = (server.state / "demo-key").read_text().strip()
    password = (server.state / "admin-password").read_text().strip()

    assert f"Key       in {server.state}/demo-key" in server.said
    assert f"Password  in {server.state}/admin-password" in server.said
    assert key not in server.said
    assert password not in server.said


@pytest.mark.parametrize(
    "name", ["demo-key", "demo-keys.json", "admin-password", "secrets.json"]
)
def test_it_lets_only_the_owner_read_secrets(server, name):
    assert mode(server.state / name) == 0o600


def test_it_makes_a_key_that_opens_the_registry(server):
    key = (server.state / "demo-key").read_text().strip()
    token = requests.post(
        f"{server.url}/api/jwt?scope=registrations:read",
        headers={"Authorization": key},
        timeout=30,
    )

    assert token.status_code == 200
    assert token.json()["accepted_scopes"] == ["registrations:read"]


def test_it_serves_the_admin_with_its_static_files(server):
    page = requests.get(f"{server.url}/admin/login/", timeout=30)
    style = requests.get(f"{server.url}/static/admin/css/base.css", timeout=30)

    assert page.status_code == 200
    assert style.status_code == 200
    assert "Access-Control-Allow-Origin" not in style.headers


def test_it_refuses_a_port_in_use(server, tmp_path):
    other = tmp_path / "var"

    refused = manage(other, "serve", "--bind", f"127.0.0.1:{server.port}")

    assert refused.returncode == 1
    assert refused.stderr == (
        f"CommandError: Port {server.port} of 127.0.0.1 is in use: stop what uses it, "
        f"or choose another with PORT={server.port + 1}.\n"
    )
    assert not other.exists()


def test_it_refuses_a_state_folder_in_use(server):
    refused = server.manage("serve", "--bind", f"127.0.0.1:{free_port()}")

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"CommandError: {server.state} is in use by")


def test_it_hears_at_once_that_a_key_was_revoked(server):
    made = server.manage("createclient", "Passing", "--format=json")
    key = json.loads(made.stdout)["key"]
    terms, headers = (
        f"{server.url}/api/academic/terms",
        {"Authorization": f"Bearer {key}"},
    )
    before = [requests.get(terms, headers=headers, timeout=30) for _ in range(9)]
    server.manage("revokekey", key[:15])
    after = [requests.get(terms, headers=headers, timeout=30) for _ in range(9)]
    assert {answer.status_code for answer in before} == {200}
    assert {answer.status_code for answer in after} == {401}


def test_it_lends_its_engines_to_a_command_beside_it(server):
    server.manage("shell", "-v0", "-c", SAVE)

    assert server.manage("shell", "-v0", "-c", SHOW).stdout == "2031\n"


def test_a_doctor_beside_it_finds_nothing_wrong(server):
    wait_for(server.is_whole)
    looked = server.manage("doctor", "--format=json")

    found = json.loads(looked.stdout)
    assert [each for each in found if each["state"] == "wrong"] == []
    assert {"secrets", "workers"} <= {each["check"] for each in found}


@pytest.mark.parametrize("word", ["granian", "celery", "valkey-server", "postgres"])
def test_it_starts_again_a_child_that_was_killed(server, word):
    killed = server.child(word)
    killed.kill()
    wait_for(lambda: server.child(word) not in (None, killed))
    wait_for(server.is_whole)

    wait_for(lambda: server.zombies() == [])


def test_it_starts_again_a_web_process_that_was_killed(server):
    web = server.child("granian")
    web.children()[0].kill()
    wait_for(server.is_whole)

    assert server.child("granian") == web


def test_it_leaves_no_process_when_it_is_stopped_twice_at_once(server):
    # As `make run` does it: make hands on the signal that the group got too.
    assert server.stop(signal.SIGTERM, signal.SIGTERM) == []
    assert server.process.returncode == 0


def test_it_keeps_the_data_and_the_secrets(server):
    key = (server.state / "demo-key").read_text()
    server.start()

    assert server.manage("shell", "-v0", "-c", SHOW).stdout == "2031\n"
    assert (server.state / "demo-key").read_text() == key


def test_it_leaves_no_process_when_it_is_killed(server):
    assert server.stop(signal.SIGKILL) == []


def test_it_starts_after_it_was_killed_and_stops_on_ctrl_c(server):
    server.start()

    assert server.manage("shell", "-v0", "-c", SHOW).stdout == "2031\n"
    assert server.stop(signal.SIGINT) == []
    assert server.process.returncode == 0
