from typing import Any

from config.rest.dialects import Dialect
from config.rest.faults import Fault


class TasksDialect(Dialect):
    """`{"message": sentence}`."""

    name = "tasks"
    prefixes = ("/api/tasks",)

    def body(self, fault: Fault) -> dict[str, Any]:
        return {"message": fault.reason if fault.status == 401 else fault.message}


TASKS = TasksDialect()
