"""Class-wide grade entry: 2, 50 and 500 items in one PATCH."""

from collections.abc import Iterator

import orjson

from benchmarks.bulk_peer import items_of
from benchmarks.client import request
from benchmarks.list_page import agree, json_of
from benchmarks.rounds import Goal, Question, Sample
from benchmarks.world import World
from registrations.models import Registration

GOALS = {2: 0.2, 50: 0.4, 500: 0.6}
NAIVELY = 60  # times the naive variant, at 500
UNITS = 10
PLACES = 20  # in rosters, that are written in turn, each with two sets of values
URL = "/apis/registrations/units"


def questions(world: World) -> list[Question]:
    rosters = some_rosters()
    return [question(world, rosters, size) for size in GOALS]


def question(world: World, rosters: list[tuple[str, list[str]]], size: int) -> Question:
    asked = [*bodies(rosters, size)]
    product = [
        request("PATCH", f"{URL}/{unit}/registrations", key=world.key, body=body)
        for unit, body in asked
    ]
    peer = [request("PATCH", f"/grades/{unit}", body=body) for unit, body in asked]
    check(world, product, peer)
    unit, ids = rosters[0]
    naive = [Goal("naive", least=NAIVELY)] if size == 500 else []
    return Question(
        f"bulk_patch_{size}",
        f"bulk PATCH, {size} items",
        "requests/s",
        {
            "product": lambda: world.loaded("product", product),
            "peer": lambda: world.loaded("peer", peer),
            "naive": lambda: naively(world, peer, size),
            "floor": lambda: world.floor("grades", unit, *ids[:size]),
        },
        [Goal("peer", least=GOALS[size]), *naive],
        rounds=3,
    )


def naively(world: World, requests: list[bytes], size: int) -> Sample:
    """Few of the large ones, one after another: each takes seconds."""
    if size == 2:
        return world.loaded("naive", requests)
    return world.loaded("naive", requests, warm=1, count=600 // size, clients=1)


def some_rosters() -> list[tuple[str, list[str]]]:
    """Units, each with ids of registrations of people who are not held."""
    rows = Registration.objects.filter(profile__is_confidential=False)
    units = rows.order_by("unit").values_list("unit", flat=True).distinct()[:UNITS]
    return [
        (unit, [*rows.filter(unit=unit).values_list("pk", flat=True)[:1000]])
        for unit in units
    ]


def bodies(
    rosters: list[tuple[str, list[str]]], size: int
) -> Iterator[tuple[str, bytes]]:
    """Yield units with bodies; each writes other values than stand there."""
    for turn in range(2 * PLACES):
        place = turn % PLACES
        unit, ids = rosters[place % len(rosters)]
        start = place * 37 % max(1, len(ids) - size)
        items = items_of(ids[start : start + size], turn)
        yield unit, orjson.dumps({"registrations": items})


def check(world: World, product: list[bytes], peer: list[bytes]) -> None:
    """See that all three answer the same, but for the moment."""
    for ours, theirs in zip(product[:2], peer[:2], strict=True):
        shown = answer(world, "product", ours)
        agree(shown, answer(world, "peer", theirs))
        agree(shown, answer(world, "naive", theirs))


def answer(world: World, name: str, asked: bytes) -> list[dict]:
    outcomes = json_of(world, name, asked)
    for outcome in outcomes:
        del outcome["json"]["updated_at"]
    return outcomes
