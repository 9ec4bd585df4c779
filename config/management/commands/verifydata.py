import sys

from msgspec.structs import asdict

from config.commands import RegistryCommand, add_format, progress_bar
from config.invariants import invariants, verify


class Command(RegistryCommand):
    help = (
        "Look whether all holds that must hold of the record, as after a restore; "
        "change nothing. Exit 1: something does not."
    )

    def add_arguments(self, parser) -> None:
        add_format(parser)

    def handle(self, *, format, **options) -> None:
        verdicts = []
        asked = invariants()
        with progress_bar("Verifying") as advance:
            for number, each in enumerate(asked, start=1):
                verdicts.append(verify(each))
                advance(number, len(asked))
        self.print_rows(map(asdict, verdicts), format=format)
        broken = sum(not verdict.holds for verdict in verdicts)
        if broken:
            says = f"{broken} of {len(verdicts)} do not hold."
            self.stderr.write(says, self.style.ERROR)
            sys.exit(1)
        self.say(f"All {len(verdicts)} hold.")
