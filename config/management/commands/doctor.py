import sys
from collections import Counter

from msgspec.structs import asdict

from config.commands import RegistryCommand, add_format
from config.diagnosis import diagnose


class Command(RegistryCommand):
    help = (
        "Look whether all is in order, and say what to do where it is not. "
        "Exit 1: something is wrong; warnings count as wrong with --strict."
    )
    requires_system_checks = []  # they are among what it looks at

    def add_arguments(self, parser) -> None:
        parser.add_argument("--strict", action="store_true")
        add_format(parser)

    def handle(self, *, strict, format, **options) -> None:
        findings = [*diagnose()]
        self.print_rows(map(asdict, findings), format=format)
        count = Counter(finding.state for finding in findings)
        says = f"{count['wrong']} wrong, {count['warning']} warnings, {count['ok']} ok."
        if count["wrong"] or (strict and count["warning"]):
            self.stderr.write(says, self.style.ERROR)
            sys.exit(1)
        self.say(says)
