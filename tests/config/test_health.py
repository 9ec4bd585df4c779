import pytest
from django.db import connection

from config import broker, health, workers

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_broker(settings):
    settings.REDIS_URL = "unix:///nowhere/broker.sock"
    broker.client.cache_clear()
    yield
    broker.client.cache_clear()


@pytest.fixture
def no_workers():
    broker.client().delete(workers.KEY)


@pytest.fixture
def not_seen_migrated(monkeypatch):
    monkeypatch.setattr(health, "_seen_migrated", False)


def test_it_is_alive(client):
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_it_is_ready_with_a_migrated_database(client, no_workers, not_seen_migrated):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "database": "migrated",
        "broker": "ok",
        "workers": 0,
    }


def test_it_is_ready_without_a_broker(client, no_broker):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "database": "migrated",
        "broker": "down",
        "workers": None,
    }


def test_it_is_not_ready_before_the_last_migration(client, not_seen_migrated):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tasks'")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["database"] == "not migrated"


def test_it_is_not_ready_without_a_database(client, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    connection.close()

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["database"] == "down"


@pytest.mark.parametrize("path", ["/healthz", "/healthz/", "/readyz/", "/metrics/"])
def test_it_answers_whatever_host_was_asked(client, path):
    assert client.get(path, headers={"host": "10.0.0.7"}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_it_answers_the_safe_methods_only(client, path):
    allowed, refused = client.options(path), client.post(path)

    assert (allowed.status_code, allowed["Allow"]) == (204, "GET, HEAD, OPTIONS")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert refused.json() == {"message": "Method Not Allowed"}
    assert client.head(path).status_code == 200


def test_it_gives_every_probe_a_request_id(client):
    response = client.get("/healthz", headers={"X-Request-Id": "probe-1"})

    assert response["X-Request-Id"] == "probe-1"
