from datetime import datetime

from django.db import transaction

from access.operations import create_client, create_key
from access.scopes import ROLES
from config.commands import RegistryCommand, add_format, moment


class Command(RegistryCommand):
    help = "Register an external system and print its id and first key, this once."

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--scope", action="append", default=[], dest="scopes")
        parser.add_argument("--role", choices=[*ROLES], default="")
        parser.add_argument(
            "--acts-as",
            default="",
            metavar="ID",
            help="A profile id, netid or lecturer id. One who is both acts as both.",
        )
        parser.add_argument("--contact", default="", help="An e-mail address.")
        parser.add_argument("--purpose", default="", help="What it needs records for.")
        parser.add_argument(
            "--rate-limit", type=int, help="Requests a minute; 0: none."
        )
        parser.add_argument("--expires-at", type=moment, metavar="DATE")
        parser.add_argument("--issuer", default="", help="Its tokens come from there.")
        parser.add_argument("--issuer-client-id", default="", metavar="ID")
        add_format(parser, default="json")

    def handle(self, *, format, **options) -> None:
        names = ["name", "scopes", "role", "acts_as", "contact", "purpose"]
        names += ["rate_limit", "expires_at", "issuer", "issuer_client_id"]
        made = register({name: options[name] for name in names})
        self.print_row(made, format=format)


@transaction.atomic
def register(attributes: dict[str, str | int | datetime]) -> dict[str, str | None]:
    """Make the client, and a key unless its tokens come from elsewhere."""
    client = create_client(**attributes)
    has_key = not client.issuer
    key = create_key(client_id=client.pk).secret if has_key else None
    return {"client": client.pk, "key": key}
