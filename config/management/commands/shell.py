from django.core.management.commands import shell

from config.commands import RegistryCommand
from config.history import remarked


class Command(RegistryCommand, shell.Command):
    help = (
        "Python with the record at hand, for what no other command does. The history "
        "names you for whatever you change."
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--reason", help="Kept in the history of what you change.", metavar="TEXT"
        )

    def handle(self, *, reason, **options):
        if reason:
            remarked(reason=reason)
        return super().handle(**options)
