import pytest
from prometheus_client.core import GaugeMetricFamily

from config import metrics

pytestmark = pytest.mark.django_db


class Oldest:
    def collect(self):
        yield GaugeMetricFamily("matricula_oldest_seconds", "For a test.", value=4)


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(metrics, "_at_scrape", [])
    metrics.at_scrape(Oldest())


def test_it_shows_what_an_app_registered(client, registered):
    assert "matricula_oldest_seconds 4.0\n" in client.get("/metrics").text


def test_it_counts_requests_by_door_method_and_status(client):
    client.get("/nothing/here")

    assert (
        'matricula_requests_total{door="other",method="GET",status="404"}'
        in client.get("/metrics").text
    )


def test_it_makes_no_label_of_a_method_that_a_caller_made_up(client):
    client.generic("FROBNICATE", "/nothing/here")

    assert "FROBNICATE" not in client.get("/metrics").text


def test_it_is_closed_to_other_machines(client):
    refused = client.get("/metrics", REMOTE_ADDR="192.0.2.1")

    assert (refused.status_code, refused.json()) == (403, {"message": "Forbidden"})


def test_it_is_closed_to_what_a_proxy_on_this_machine_hands_on(client):
    refused = client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"})

    assert refused.status_code == 403


def test_it_is_open_to_who_has_the_token(client, settings):
    settings.METRICS_TOKEN = "scrape"

    opened = client.get(
        "/metrics",
        REMOTE_ADDR="192.0.2.1",
        headers={"Authorization": "Bearer scrape"},
    )

    assert opened.status_code == 200


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer other", "Bearer scräpe"])
def test_it_asks_this_machine_too_for_the_token_where_one_is_set(
    client, settings, given
):
    settings.METRICS_TOKEN = "scrape"

    refused = client.get("/metrics", headers={"Authorization": given})

    assert refused.status_code == 403
