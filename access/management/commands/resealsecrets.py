import sys
from dataclasses import asdict

from access.resealing import look_at_sealed, reseal
from config.commands import RegistryCommand, add_format


class Command(RegistryCommand):
    help = (
        "Seal stored secrets with the SECRET_KEY of now, so that its fallbacks can be "
        "dropped. Exit 1: some were sealed with a key that is gone."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")
        add_format(parser)

    def handle(self, *, dry_run, format, **options) -> None:
        found = look_at_sealed() if dry_run else reseal()
        self.print_rows([asdict(found)], format=format)
        if found.shut:
            self.say(f"{found.shut} cannot be opened and are left as they are.")
            sys.exit(1)
        self.say("None is left to be sealed anew." if not dry_run else "Not changed.")
