from django.core.management.base import BaseCommand

from config.commands import AtTheTerminal, RegistryCommand, add_format, add_include_held
from tasks import sweep
from tasks.models import Lane
from tasks.reach import reached_lanes


class Command(RegistryCommand):
    help = "Tell the workers of lanes that are due, or work them in this process."

    def execute(self, *arguments, **options):
        # Outside the command's history context: each task has its requester's.
        return BaseCommand.execute(self, *arguments, **options)

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--here", action="store_true", help="Work them here, without the broker."
        )
        parser.add_argument("--dry-run", action="store_true")
        add_include_held(parser)
        add_format(parser)

    def handle(self, *, here, dry_run, include_held, format, **options) -> None:
        if dry_run:
            due = reached_lanes(Lane.objects.due(), AtTheTerminal(include_held))
            lanes = due[: sweep.MOST_LANES]
            rows = [{"lane": lane.pk, "waiting": lane.waiting} for lane in lanes]
        else:
            rows = [swept(here)]
        self.print_rows(rows, format=format)


def swept(here: bool) -> dict[str, int]:
    """One sweep; the lanes that were told of lately are left to the workers."""
    found = sweep.find()
    lanes = [lane for lane, _ in found] if here else sweep.tell(found)
    return {"found": len(found), "turns_here": sweep.work_here(lanes)}
