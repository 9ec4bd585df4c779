"""Tasks that ended long ago are removed, and their payloads before them."""

from config.retention import Kept, keep

# A lane's numbers above the applied one stay whole, for the audit.
HAS_BEEN_PASSED = """
number <= (SELECT applied_number FROM tasks_lane WHERE key = old.lane_id)
"""
IS_OF_NOBODY_KEPT = "about <> ALL (%(people)s::varchar[])"

keep(
    Kept(
        "payloads",
        "tasks_task",
        "finished_at",
        days="TASKS_PAYLOAD_KEPT_DAYS",
        only=f"payload <> '' AND {IS_OF_NOBODY_KEPT}",
        removing="""
        UPDATE tasks_task SET payload = '' WHERE id IN (SELECT pk FROM going)
        """,
    ),
    Kept(
        "tasks",
        "tasks_task",
        "finished_at",
        days="TASKS_KEPT_DAYS",
        only=f"{HAS_BEEN_PASSED} AND {IS_OF_NOBODY_KEPT}",
    ),
)
