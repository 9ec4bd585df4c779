from access.signing import rotate_signing_key
from config.commands import RegistryCommand


class Command(RegistryCommand):
    help = "Sign tokens with a new key; the old one is honoured until they end."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--leaked",
            action="store_true",
            help="Refuse every token made so far, from the next request on.",
        )

    def handle(self, *, leaked, **options) -> None:
        key = rotate_signing_key(honour_old=not leaked)
        self.say(f"Tokens are now signed with {key}.")
