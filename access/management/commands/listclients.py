from django.db.models import Prefetch

from access.models import Client, Key
from config.commands import RegistryCommand, add_format


class Command(RegistryCommand):
    help = "List the clients with their keys, by prefix."

    def add_arguments(self, parser) -> None:
        add_format(parser)

    def handle(self, *, format, **options) -> None:
        self.print_rows(map(row_of, clients_with_keys()), format=format)


def clients_with_keys():
    keys = Prefetch("keys", Key.objects.order_by("pk"))
    return Client.objects.order_by("pk").prefetch_related(keys)


def row_of(client: Client) -> dict[str, object]:
    return {
        "id": client.pk,
        "name": client.name,
        "status": client.standing,
        "role": client.role,
        "scopes": " ".join(client.scopes),
        "acts_as": client.subject or client.profile_id or client.lecturer_id,
        "keys": ", ".join(f"{key} {key.standing}" for key in client.keys.all()),
    }
