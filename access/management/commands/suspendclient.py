from access.operations import resume_client, revoke_client, suspend_client
from config.commands import RegistryCommand


class Command(RegistryCommand):
    help = "Refuse a client with all its keys and tokens from the next request on."

    def add_arguments(self, parser) -> None:
        parser.add_argument("client", metavar="CLIENT", help="Its id.")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--resume", action="store_const", const=resume_client)
        how.add_argument(
            "--for-good", action="store_const", const=revoke_client, dest="revoke"
        )

    def handle(self, *, client, resume, revoke, **options) -> None:
        change = resume or revoke or suspend_client
        changed = change(client_id=client)
        self.say(f"{changed} is {changed.get_status_display().lower()}.")
