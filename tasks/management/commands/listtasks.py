from config.commands import (
    AtTheTerminal,
    RegistryCommand,
    add_format,
    add_include_held,
    moment,
)
from tasks.models import Task
from tasks.reach import reached_tasks

COLUMNS = (
    *("id", "resource", "action", "resource_id", "number", "status", "code"),
    *("attempts", "crashes", "accepted_at", "finished_at", "message"),
)


class Command(RegistryCommand):
    help = "List tasks, newest first."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--resource")
        parser.add_argument("--resource-id", metavar="ID")
        parser.add_argument("--status", choices=["accepted", "complete", "error"])
        parser.add_argument("--code", help="Why they ended in error.")
        parser.add_argument("--since", type=moment, metavar="DATE")
        parser.add_argument("--limit", type=int, default=50)
        add_include_held(parser)
        add_format(parser)

    def handle(self, *, format, limit, include_held, **asked) -> None:
        tasks = reached_tasks(AtTheTerminal(include_held), chosen(**asked))
        tasks = tasks.order_by("-accepted_at", "-pk")
        self.print_rows(map(row_of, tasks[:limit]), format=format)


def chosen(*, resource, resource_id, status, code, since, **options):
    exact = {"resource": resource, "resource_id": resource_id, "code": code}
    tasks = Task.objects.filter(**{name: v for name, v in exact.items() if v})
    if status:
        tasks = tasks.of_status(status)
    return tasks.filter(accepted_at__gte=since) if since else tasks


def row_of(task: Task) -> dict[str, object]:
    return {name: getattr(task, name) for name in COLUMNS}
