from django.contrib.auth import get_user_model
from django.core.management import CommandError

from access.second_factor import take_away
from config.commands import RegistryCommand


class Command(RegistryCommand):
    help = "Take away the second factor of somebody who has lost it."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username", metavar="USERNAME")

    def handle(self, *, username, **options) -> None:
        user = get_user_model().objects.filter(username=username).first()
        if user is None or not take_away(user=user):
            raise CommandError(f"{username} has no second factor.")
        self.say(f"{username} signs in without a second factor now.")
