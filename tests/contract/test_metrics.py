"""Counters are of all web processes together, whichever is asked."""

import re

import requests

TIMES = 40
COUNTED = re.compile(
    r'matricula_requests_total\{door="unit-offerings",method="GET",status="401"\} (\d+)'
)


def asked_alone(registry, path):
    """Ask on a connection of its own, so that any of the processes may answer."""
    return requests.get(f"{registry.server.url}{path}", timeout=60)


def counted(registry):
    return [int(n) for n in COUNTED.findall(asked_alone(registry, "/metrics").text)]


def test_it_counts_what_each_process_answered(registry):
    path = "/api/v1/unit-offerings/unit-offering-uuid"
    assert asked_alone(registry, path).status_code == 401
    (before,) = counted(registry)

    [asked_alone(registry, path) for _ in range(TIMES)]

    assert {*counted(registry), *counted(registry)} == {before + TIMES}
    assert len({*(registry.server.state / "metrics").glob("counter_*.db")}) >= 2
