import shutil
from pathlib import Path
from tempfile import TemporaryFile

from django.core.management.base import CommandError

from config.commands import RegistryCommand, progress_bar
from config.history import command_actor
from transfer.exporting import Recipient, export
from transfer.filters import NAMED, found
from transfer.importing import kind_named
from transfer.kinds import KINDS
from transfer.writing import FORMATS


class Command(RegistryCommand):
    help = (
        "Export the records of one kind, in a form that importdata reads again. "
        "People under privacy hold are left out unless asked for. Whose records "
        "were released is logged before any of them is written."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "kind", choices=KINDS, metavar="KIND", help=f"one of {', '.join(KINDS)}"
        )
        parser.add_argument("--format", choices=FORMATS, default="csv")
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="where to write it (default: standard output)",
        )
        for name in NAMED:
            parser.add_argument(
                f"--{name}", metavar="CODE", help=f"only what is of this {name}"
            )
        parser.add_argument(
            "--include-held",
            action="store_true",
            help="the records of people under privacy hold too",
        )

    def handle(self, *, kind, format, output, include_held, **options):
        records = kind_named(kind)
        named = {name: options[name] for name in NAMED if options.get(name)}
        filters = found(records, named)
        actor = command_actor(self.name)
        recipient = Recipient(actor["os_user"], "command", sees_held=include_held)
        with TemporaryFile() as file:
            with progress_bar("Reading") as advance:
                count = export(
                    *(records, format, file, recipient),
                    filters=filters,
                    advance=advance,
                )
            file.seek(0)
            self.release(file, output)
        self.say(f"{count:,} {kind} exported.")

    def release(self, file, output):
        if output is None:
            shutil.copyfileobj(file, self.stdout.buffer)
            self.stdout.flush()
            return
        try:
            with output.open("wb") as out:
                shutil.copyfileobj(file, out)
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}") from error
