from config.commands import RegistryCommand, add_format, moment
from tasks import retention
from tasks.models import Task


class Command(RegistryCommand):
    help = "Remove tasks that ended long ago, and empty payloads before them."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--before", type=moment, metavar="DATE")
        parser.add_argument("--dry-run", action="store_true")
        add_format(parser)

    def handle(self, *, before, dry_run, format, **options) -> None:
        tasks_before = before or retention.tasks_kept_since()
        payloads_before = before or retention.payloads_kept_since()
        if dry_run:
            row = {
                "would_remove": Task.objects.ended_before(tasks_before).count(),
                "would_empty": Task.objects.ended_before(payloads_before)
                .exclude(payload="")
                .count(),
            }
        else:
            row = {
                "emptied": retention.empty_old_payloads(before=payloads_before),
                "removed": retention.remove_old_tasks(before=tasks_before),
            }
        self.print_rows([row], format=format)
