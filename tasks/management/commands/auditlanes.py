import sys

from config.commands import RegistryCommand, add_format
from tasks.audit import audit_lanes


class Command(RegistryCommand):
    help = "Look whether what must hold of lanes holds. Exit 1: it does not."

    def add_arguments(self, parser) -> None:
        add_format(parser)

    def handle(self, *, format, **options) -> None:
        violations = audit_lanes()
        rows = [{**vars(violation), "what": str(violation)} for violation in violations]
        self.print_rows(rows, format=format)
        if violations:
            sys.exit(1)
        self.say("All lanes are as they must be.")
