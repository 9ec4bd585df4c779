import sys

from django.db.models import QuerySet

from config.commands import AtTheTerminal, RegistryCommand, add_format, add_include_held
from config.errors import DomainError
from config.history import command_actor
from tasks.errors import TaskNotFound
from tasks.interventions import retry_task
from tasks.models import Task
from tasks.reach import reached_tasks


class Command(RegistryCommand):
    help = "Accept again, as new tasks, what ended in error. Exit 1: some were not."

    def add_arguments(self, parser) -> None:
        parser.add_argument("ids", nargs="*", metavar="ID")
        parser.add_argument("--code", help="All that ended in error with this code.")
        parser.add_argument("--reason", required=True, help="Kept with who did it.")
        parser.add_argument("--dry-run", action="store_true")
        add_include_held(parser)
        add_format(parser)

    def handle(self, *, ids, code, reason, dry_run, format, **options) -> None:
        tasks = reached_tasks(AtTheTerminal(options["include_held"]))
        found = chosen(ids, code, tasks)
        actor = command_actor(self.name)
        rows = [
            {"id": pk, "would_retry": True}
            if dry_run
            else retried(pk, tasks, reason, actor)
            for pk in found
        ]
        self.print_rows(rows, format=format)
        if any(row.get("refused") for row in rows):
            sys.exit(1)


def chosen(ids: list[str], code: str | None, tasks: QuerySet[Task]) -> list[str]:
    """The ids given, and those of a code that were not retried already."""
    failed = tasks.filter(state=Task.State.ERROR, code=code or None)
    retried = Task.objects.exclude(retry_of="").values("retry_of")
    again = failed.exclude(pk__in=retried).order_by("accepted_at", "pk")
    return [*ids, *again.values_list("pk", flat=True)]


def retried(
    pk: str, tasks: QuerySet[Task], reason: str, actor: dict[str, str]
) -> dict[str, str]:
    try:
        if not tasks.filter(pk=pk).exists():
            raise TaskNotFound("There is no such task.")
        task = retry_task(task_id=pk, actor=actor, reason=reason)
    except DomainError as error:
        return {"id": pk, "task": "", "refused": error.message}
    return {"id": pk, "task": task.pk, "refused": ""}
