from pathlib import Path

from django.core.management.base import CommandError

from config.commands import RegistryCommand
from config.dumps import read_copy


class Command(RegistryCommand):
    help = (
        "Fill an empty database with a copy that backup made: all of it, or nothing. "
        "Run verifydata and doctor afterwards."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, file, **options) -> None:
        if not file.is_file():
            raise CommandError(f"{file} is not there.")
        read_copy(file)
        self.say("Restored. Now: manage.py verifydata, and manage.py doctor.")
