from collections.abc import Container

from access.disclosure import disclose
from access.identities import hidden_among, profile_id_of
from access.models import Disclosure
from config.commands import (
    AtTheTerminal,
    RegistryCommand,
    add_format,
    add_include_held,
    at_least_one,
)
from config.history import command_actor


class Command(RegistryCommand):
    help = "List who has seen or written a student's record; this is logged as well."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--student", required=True, metavar="ID or NETID")
        parser.add_argument(
            "--limit", type=at_least_one, default=1000, help="At most (1000)."
        )
        add_include_held(parser)
        add_format(parser)

    def handle(self, *, student, limit, include_held, format, **options) -> None:
        viewer = AtTheTerminal(include_held)
        profile_id = profile_id_of(student)
        is_hidden = bool(hidden_among([profile_id], viewer))
        found = [] if is_hidden else Disclosure.objects.of_profile(profile_id)[:limit]
        hidden = hidden_among((row.sub for row in found), viewer)
        rows = [row_of(row, hidden) for row in found]
        actor = command_actor(self.name)
        disclose(
            staff=f"{actor['os_user']} by {self.name}",
            door="command",
            what="disclosures",
            profile_ids=[profile_id],
        )
        self.print_rows(rows, format=format)


def row_of(disclosure: Disclosure, hidden: Container[str]) -> dict[str, object]:
    if disclosure.sub in hidden:
        disclosure.sub = disclosure.client_id
    names = ["client_id", "sub", "staff", "door", "what", "purpose", "request_id"]
    at = disclosure.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"at": at, **{name: getattr(disclosure, name) for name in names}}
