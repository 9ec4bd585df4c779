from collections.abc import Container

from django.db.models import Prefetch

from access.identities import hidden_among
from access.models import Client, Key
from config.commands import (
    AtTheTerminal,
    RegistryCommand,
    add_format,
    add_include_held,
)


class Command(RegistryCommand):
    help = "List the clients with their keys, by prefix."

    def add_arguments(self, parser) -> None:
        add_include_held(parser)
        add_format(parser)

    def handle(self, *, format, include_held, **options) -> None:
        clients = [*clients_with_keys()]
        acted_as = (client.profile_id for client in clients)
        hidden = hidden_among(acted_as, AtTheTerminal(include_held))
        rows = [row_of(client, hidden) for client in clients]
        self.print_rows(rows, format=format)


def clients_with_keys():
    keys = Prefetch("keys", Key.objects.order_by("pk"))
    return Client.objects.order_by("pk").prefetch_related(keys)


def row_of(client: Client, hidden: Container[str]) -> dict[str, object]:
    acts_as = client.subject or client.profile_id or client.lecturer_id
    return {
        "id": client.pk,
        "name": client.name,
        "status": client.standing,
        "role": client.role,
        "scopes": " ".join(client.scopes),
        "acts_as": "" if client.profile_id in hidden else acts_as,
        "keys": ", ".join(f"{key} {key.standing}" for key in client.keys.all()),
    }
