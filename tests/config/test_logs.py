import json
import logging
import subprocess
import sys

import pytest
import structlog

from config.logging import line_formatter

LOGGER = "config.logging.trial"


@pytest.fixture
def log(caplog):
    """Log something and return the line that production writes of it."""
    logger = logging.getLogger(LOGGER)
    logger.setLevel(logging.INFO)

    def said(say):
        say(logger)
        record = caplog.records[-1]
        del record.message  # which caplog adds
        return json.loads(line_formatter(is_readable=False).format(record))

    yield said
    structlog.contextvars.clear_contextvars()


def fail(logger):
    try:
        raise ValueError(REASON)
    except ValueError:
        logger.exception("refused")


REASON = "violates a check\nDETAIL:  Failing row contains (Jane, 85)."


def test_it_writes_a_line_with_what_is_bound(log):
    structlog.contextvars.bind_contextvars(request_id="r1", client="c1", door="admin")

    line = log(lambda logger: logger.info("set %s", 3, extra={"task_id": "t1"}))

    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "set 3",
        "level": "info",
        "logger": LOGGER,
        "request_id": "r1",
        "client": "c1",
        "door": "admin",
        "task_id": "t1",
    }


def test_it_leaves_out_the_values_that_a_database_error_shows(log):
    line = log(fail)

    assert line["event"] == "refused"
    assert line["exception"].endswith(
        "ValueError: violates a check\nDETAIL: (left out)"
    )


def grade_wrongly(logger):
    name, key = "Grace Hopper", "sk-secret"
    try:
        raise KeyError(len(name + key))
    except KeyError:
        logger.exception("refused", extra={"request": name})


def test_it_tells_where_it_failed_and_not_what_the_variables_held(log):
    line = log(grade_wrongly)

    assert "in grade_wrongly" in line["exception"]
    assert "Grace" not in str(line)
    assert "sk-" not in str(line)


EVERY_PROCESS = """
import sys
import config.wsgi, config.celery, tasks.worker, jobs.worker
print({"sentry_sdk", "opentelemetry"} & {*sys.modules})
"""


def test_no_process_has_an_agent_that_sends_anything_elsewhere():
    ran = subprocess.run(
        [sys.executable, "-c", EVERY_PROCESS], capture_output=True, text=True
    )

    assert ran.stdout == "set()\n"


def test_it_is_readable_in_development(caplog):
    logging.getLogger(LOGGER).warning("a sentence")

    line = line_formatter(is_readable=True).format(caplog.records[-1])

    assert "a sentence" in line
    assert not line.startswith("{")


@pytest.mark.django_db
def test_it_says_each_request_in_one_line_without_its_query(client, settings, capfd):
    settings.LOG_REQUESTS = True

    client.get("/nothing?name=Jane", headers={"X-Request-Id": "r2"})

    line = json.loads(capfd.readouterr().err)
    del line["timestamp"], line["milliseconds"]
    assert line == {
        "level": "info",
        "logger": "config.observation",
        "event": "request",
        "request_id": "r2",
        "method": "GET",
        "path": "/nothing",
        "status": 404,
    }


@pytest.mark.parametrize("path", ["/admin/", "/api/students", "/nothing"])
def test_it_says_a_wrong_host_in_the_line_of_the_request_alone(client, caplog, path):
    response = client.get(path, SERVER_NAME="elsewhere.example")

    assert response.status_code == 400
    assert "elsewhere" not in response.content.decode()
    assert caplog.records == []
