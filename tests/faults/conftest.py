"""One house of real processes for all the short tests; its seed is printed."""

import os
import random

import pytest

from tests.faults.checker import check
from tests.faults.clients import Client
from tests.faults.house import House


@pytest.fixture(scope="session")
def _house():
    with House() as house:
        yield house


@pytest.fixture
def house(_house) -> House:
    _house.reset()
    return _house


@pytest.fixture
def seed() -> int:
    """Given as FAULT_SEED, else drawn; printed, so that it can be given again."""
    seed = int(os.environ.get("FAULT_SEED") or random.randrange(1_000_000))
    print(f"FAULT_SEED={seed}")
    return seed


@pytest.fixture
def client_of(seed):
    """Return a new client of a house; the seeds of several follow one another."""
    seeds = iter(range(seed * 1000, seed * 1000 + 1000))
    return lambda house: Client(house.port, house.key, next(seeds))


@pytest.fixture
def broken():
    """Return the promises that were broken to these clients, once all has ended."""

    def broken(house: House, *clients: Client) -> dict[str, list[str]]:
        house.settle()
        report = check(house, [sent for client in clients for sent in client.log])
        print(report)
        return report.broken

    return broken
