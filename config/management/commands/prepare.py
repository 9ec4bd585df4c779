import secrets

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from access.keys import digest_of
from access.models import Key
from access.operations import create_client, create_key
from access.scopes import ADMIN, PEOPLE_PRIVATE, SCOPES
from config.embedded.state import state_folder, write_private
from config.history import command_actor, recorded
from config.welcome import ADMIN_LOGIN, ADMIN_PASSWORD, DEMO_KEY
from students.models import Profile


class Command(BaseCommand):
    help = "Migrate the database and, for a trial, fill it where it is empty."

    def add_arguments(self, parser):
        parser.add_argument(
            "--demo",
            action="store_true",
            help="load the demo record; make a staff login and a key for it",
        )

    def handle(self, *, demo, **options):
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {error}") from error
        if demo:
            prepare_trial()


def prepare_trial():
    if not Profile.objects.exists():
        call_command("loaddemo")
    with recorded(actor=command_actor("prepare"), door="command"):
        make_staff_login()
        make_key()


def make_staff_login():
    """Make the first staff login, where nobody can log in yet."""
    users = get_user_model().objects
    if not users.exists():
        password = secrets.token_urlsafe(12)
        users.create_superuser(ADMIN_LOGIN, password=password)
        write_private(state_folder().path / ADMIN_PASSWORD, password)


def make_key():
    """Make a key that opens every interface, unless there is one already.

    People under privacy hold stay as hidden from it as from most callers.
    """
    path = state_folder().path / DEMO_KEY
    if path.exists() and is_known(path.read_text().strip()):
        return
    scopes = sorted(SCOPES.keys() - {PEOPLE_PRIVATE})
    client = create_client(name="Trial", scopes=scopes, role=ADMIN)
    write_private(path, create_key(client_id=client.pk).secret)


def is_known(secret):
    return Key.objects.filter(digest=digest_of(secret)).exists()
