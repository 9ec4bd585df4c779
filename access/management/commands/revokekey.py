from access.operations import find_key, resume_key, revoke_key, suspend_key
from config.commands import RegistryCommand


class Command(RegistryCommand):
    help = "Refuse a key, and the tokens made with it, from the next request on."

    def add_arguments(self, parser) -> None:
        parser.add_argument("key", metavar="KEY", help="Its prefix, never the whole.")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--suspend", action="store_const", const=suspend_key)
        how.add_argument("--resume", action="store_const", const=resume_key)

    def handle(self, *, key, suspend, resume, **options) -> None:
        change = suspend or resume or revoke_key
        changed = change(key_id=find_key(key).pk)
        self.say(f"{changed} is {changed.get_status_display().lower()}.")
