"""Page 10,000 of a walk against its first pages, and what begins a walk."""

import statistics
import time

from benchmarks.client import ask, request
from benchmarks.list_page import URL, continuation_key, page_request
from benchmarks.rounds import Goal, Question
from benchmarks.world import World

SIZE = 99  # so that a million rows have a page 10,000
DEEPEST = 10_000
PAGES = 50
SEARCHES = {
    "everything": "",
    "one term": "term.sis_term_code=202001",
    "one section": "section.id=AAAS.001.01-202001-U-10000",
}


def questions(world: World) -> list[Question]:
    key = continuation_key(world, SIZE)
    last = min(DEEPEST, world.students * 4 // SIZE - PAGES)
    first = [page_request(world, key, page, SIZE) for page in range(1, PAGES)]
    deep = [
        page_request(world, key, page, SIZE) for page in range(last, last - PAGES, -1)
    ]
    notes = {
        f"first page of {name} (ms)": first_page_ms(world, query)
        for name, query in SEARCHES.items()
    }
    return [
        Question(
            "deep_pages",
            f"A continued page {last:,} against page 1",
            "requests/s",
            {
                f"page {last:,}": lambda: world.loaded("product", deep),
                "page 1": lambda: world.loaded("product", first),
            },
            [Goal("page 1", least=1 / 1.5)],
            notes,
        )
    ]


def first_page_ms(world: World, query: str) -> float:
    raw = request("GET", f"{URL}?{query}&pagesize={SIZE}", key=world.key)
    port = world.server("product").port
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        assert ask(port, raw).status == 200
        taken.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(taken), 1)
