from datetime import timedelta

from access.operations import create_key, find_key, rotate_key
from config.commands import RegistryCommand, add_format, moment


class Command(RegistryCommand):
    help = "Give a client one more key and print it, this once."

    def add_arguments(self, parser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("client", nargs="?", metavar="CLIENT", help="Its id.")
        what.add_argument(
            "--replaces",
            metavar="KEY",
            help="The prefix of a key of the same client that is to end.",
        )
        parser.add_argument(
            "--overlap",
            type=int,
            default=24,
            metavar="HOURS",
            help="For how long the replaced key still works (24).",
        )
        parser.add_argument("--note", default="")
        parser.add_argument("--expires-at", type=moment, metavar="DATE")
        add_format(parser, default="json")

    def handle(
        self, *, client, replaces, overlap, note, expires_at, format, **options
    ) -> None:
        if replaces:
            old = find_key(replaces)
            new = rotate_key(
                key_id=old.pk,
                overlap=timedelta(hours=overlap),
                note=note,
                expires_at=expires_at,
            )
        else:
            new = create_key(client_id=client, note=note, expires_at=expires_at)
        made = {"client": new.key.client_id, "key": new.secret}
        self.print_row(made, format=format)
