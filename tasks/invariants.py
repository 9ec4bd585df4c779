"""What must hold of lanes and their tasks."""

from collections.abc import Iterator

from config.invariants import holds, invariant
from tasks.audit import find_violations


@invariant("lanes", "Every lane counts its tasks in order, and leaves none behind.")
def lanes() -> Iterator[str]:
    return iter(dict.fromkeys(each.lane for each in find_violations()))


holds(
    "numbers of tasks",
    "No task has a number that its lane never gave.",
    """
    SELECT task.id FROM tasks_task AS task
    JOIN tasks_lane AS lane ON lane.key = task.lane_id
    WHERE task.number > lane.next_number
    """,
)
