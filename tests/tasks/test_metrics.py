"""What a scrape says of the engine."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from config.metrics import exposition
from tasks.models import Lane
from tasks.tallies import FENCES_LOST, tally

pytestmark = pytest.mark.django_db


def scraped() -> dict:
    """Values by name and labels, these in the order of their names."""
    families = text_string_to_metric_families(exposition().decode())
    samples = [sample for family in families for sample in family.samples]
    return {
        (sample.name.removeprefix("matricula_tasks_"), *sample.labels.values()): (
            sample.value
        )
        for sample in samples
        if sample.name.startswith("matricula_tasks_")
    }


def test_it_counts_what_was_accepted_and_how_it_ended(submit, work):
    submit("REFUSE")
    submit()
    work()
    submit()
    found = scraped()
    assert (found["accepted_total",], found["ended_total",]) == (3, 2)
    assert found["waiting",] == 1
    assert found["ended_5m", "", "effects", "complete"] == 1
    assert found["ended_5m", "not_so", "effects", "error"] == 1


def test_it_tells_how_long_the_oldest_is_due(submit):
    submit()
    submit(resource_id="b")
    Lane.objects.filter(pk="effects:a").update(ready_at="2020-01-01T00:00:00Z")
    found = scraped()
    assert found["oldest_runnable_seconds",] > 100_000_000
    assert 0 <= found["oldest_waiting_seconds",] < 60
    assert found["lanes_overdue",] == 1


def test_it_leaves_lanes_that_staff_hold_out_of_the_alert(submit):
    submit()
    Lane.objects.update(ready_at="2020-01-01T00:00:00Z", is_held=True)
    found = scraped()
    assert found["oldest_runnable_seconds",] == 0
    assert found["lanes_held",] == 1


def test_it_tells_what_rarely_happens(db):
    tally(FENCES_LOST)
    tally(FENCES_LOST)
    found = scraped()
    assert found["fences_lost_total",] == 2
    assert found["inline_runs_total",] == 0
