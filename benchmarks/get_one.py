"""One enrollment by its id."""

from benchmarks.client import request
from benchmarks.list_page import URL, agree, json_of
from benchmarks.rounds import Goal, Question
from benchmarks.world import World
from enrollments.models import Enrollment

HOW_MANY = 500


def questions(world: World) -> list[Question]:
    ids = some_ids(HOW_MANY)
    product = [request("GET", f"{URL}/{pk}", key=world.key) for pk in ids]
    peer = [request("GET", f"/one/{pk}") for pk in ids]
    check(world, product, peer)
    return [
        Question(
            "get_one",
            "GET one enrollment",
            "requests/s",
            {
                "product": lambda: world.loaded("product", product),
                "peer": lambda: world.loaded("peer", peer),
                "naive": lambda: world.loaded("naive", peer),
                "floor": lambda: world.floor("one", *ids),
            },
            [Goal("peer", least=0.2)],
        )
    ]


def some_ids(number: int) -> list[str]:
    """Ids of enrollments of as many people, spread over all who are not held."""
    rows = Enrollment.objects.filter(profile__is_confidential=False)
    step = max(1, rows.count() // number)
    return [*rows.order_by("profile", "id").values_list("pk", flat=True)[::step]]


def check(world: World, product: list, peer: list) -> None:
    """See that all three show the same."""
    for ours, theirs in zip(product[:20], peer[:20], strict=True):
        shown = json_of(world, "product", ours)
        agree(shown, json_of(world, "peer", theirs))
        agree(shown, json_of(world, "naive", theirs))
