"""A page of 100 enrollments, in the middle of a walk."""

import itertools
from typing import Any

import orjson
from django.db import connection

from benchmarks.client import UnexpectedAnswer, ask, request
from benchmarks.rounds import Goal, Question
from benchmarks.world import World

URL = "/api/academic/enrollments"
PAGES = range(1, 200)
SIZE = 100

# The last id of each page before one of PAGES, for who walks by key.
PLACES = """
SELECT id FROM (
    SELECT id, row_number() OVER (ORDER BY id) AS place FROM enrollments_enrollment
    WHERE profile_id NOT IN (SELECT id FROM students_profile WHERE is_confidential)
) AS visible
WHERE place %% %s = 0 AND place < %s ORDER BY id
"""


def questions(world: World) -> list[Question]:
    key = continuation_key(world, SIZE)
    after = ["", *places()]
    product = [page_request(world, key, page, SIZE) for page in PAGES]
    peer = [request("GET", f"/page?after={place}") for place in after[: len(PAGES)]]
    naive = [request("GET", f"/page?page={page}") for page in PAGES]
    check(world, product, peer, naive)
    return [
        Question(
            "list_page",
            f"List: a page of {SIZE} enrollments",
            "requests/s",
            {
                "product": lambda: world.loaded("product", product),
                "peer": lambda: world.loaded("peer", peer),
                "naive": lambda: world.loaded("naive", naive),
                "floor": lambda: world.floor("page", *after[: len(PAGES)]),
            },
            [Goal("peer", least=0.35)],
        )
    ]


def continuation_key(world: World, size: int) -> str:
    """Make a found set of everything and return its key."""
    raw = request("GET", f"{URL}?pagesize={size}", key=world.key)
    return ask(world.server("product").port, raw).headers["x-request-id"]


def page_request(world: World, key: str, page: int, size: int) -> bytes:
    query = f"continuation_key={key}&page={page}&pagesize={size}"
    return request("GET", f"{URL}?{query}", key=world.key)


def places() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(PLACES, [SIZE, SIZE * len(PAGES)])
        return [pk for (pk,) in cursor.fetchall()]


def check(world: World, product: list, peer: list, naive: list) -> None:
    """See that all three show the same rows."""
    for number in (0, 1, len(PAGES) - 2):
        shown = json_of(world, "product", product[number])
        assert shown, "a page of nothing"
        agree(shown, json_of(world, "peer", peer[number]))
        agree(shown, json_of(world, "naive", naive[number])["results"])


def agree(ours: Any, theirs: Any) -> None:
    """Raise where another variant answers something else."""
    pairs = itertools.zip_longest(*map(_rows, (ours, theirs)))
    for one, other in pairs:
        if one != other:
            raise UnexpectedAnswer(f"not the same:\n{one!r}\n{other!r}")


def _rows(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]


def json_of(world: World, server: str, raw: bytes):
    answer = ask(world.server(server).port, raw)
    assert answer.status in (200, 202), answer
    return orjson.loads(answer.body)
