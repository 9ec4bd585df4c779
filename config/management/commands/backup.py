from pathlib import Path

from config.commands import RegistryCommand
from config.dumps import make_copy


class Command(RegistryCommand):
    help = (
        "Copy the whole database, of one moment, to a file of pg_dump's custom form. "
        "The server may go on. The SECRET_KEY is not in it."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, file, **options) -> None:
        make_copy(file)
        self.say(f"{file} is whole: {file.stat().st_size:,} bytes.")
