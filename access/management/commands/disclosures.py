from access.disclosure import disclose
from access.identities import profile_id_of
from access.models import Disclosure
from config.commands import RegistryCommand, add_format, at_least_one
from config.history import command_actor


class Command(RegistryCommand):
    help = "List who has seen or written a student's record; this is logged as well."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--student", required=True, metavar="ID or NETID")
        parser.add_argument(
            "--limit", type=at_least_one, default=1000, help="At most (1000)."
        )
        add_format(parser)

    def handle(self, *, student, limit, format, **options) -> None:
        profile_id = profile_id_of(student)
        rows = [
            row_of(row) for row in Disclosure.objects.of_profile(profile_id)[:limit]
        ]
        actor = command_actor(self.name)
        disclose(
            staff=f"{actor['os_user']} by {self.name}",
            door="command",
            what="disclosures",
            profile_ids=[profile_id],
        )
        self.print_rows(rows, format=format)


def row_of(disclosure: Disclosure) -> dict[str, object]:
    names = ["client_id", "sub", "staff", "door", "what", "purpose", "request_id"]
    at = disclosure.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"at": at, **{name: getattr(disclosure, name) for name in names}}
