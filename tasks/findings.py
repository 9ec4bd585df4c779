"""Whether tasks get done, as the doctor asks."""

from collections.abc import Iterator

from django.db import connection

from config.diagnosis import look, ok, warning, wrong
from tasks.metrics import LANES, OLDEST

SLOW = 60  # seconds that a lane is due
STUCK = 600


@look("tasks")
def tasks() -> Iterator[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(LANES)
        due_for, _, accepted, ended, held = cursor.fetchone()
        cursor.execute(OLDEST)
        (oldest,) = cursor.fetchone()
    says = f"{accepted - ended} wait, the oldest for {oldest:.0f} s"
    do = "See that workers run and what they log; manage.py sweeptasks --here."
    if due_for > STUCK:
        yield wrong(says, do)
    else:
        yield warning(says, do) if due_for > SLOW else ok(says)
    if held:
        yield warning(f"{held} lanes are held by staff.", "Resume them when you can.")
