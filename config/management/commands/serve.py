import os
from argparse import ArgumentTypeError

from django.core.management.base import BaseCommand, CommandError

from config.embedded.errors import EngineError
from config.server import CannotServe, Options, serve

USUAL_PORT = 8000


class Command(BaseCommand):
    help = (
        "Run the web server and the workers, with the embedded engines where no "
        "DATABASE_URL and REDIS_URL are set. Ctrl-C or SIGTERM stops all of it."
    )
    requires_system_checks = []  # `prepare` makes them, with the database at hand

    def add_arguments(self, parser):
        port = os.environ.get("PORT") or USUAL_PORT
        parser.add_argument(
            "--bind",
            metavar="HOST:PORT",
            default=f"127.0.0.1:{port}",
            help="address to listen on (default: %(default)s)",
        )
        parser.add_argument(
            "--demo",
            action="store_true",
            help="load the demo record, if the registry is empty",
        )
        parser.add_argument(
            "--workers",
            metavar="N",
            type=at_least_one,
            default=min(4, os.cpu_count() or 1),
            help="web processes, and worker processes (default: %(default)s)",
        )

    def handle(self, *, bind, demo, workers, **options):
        host, port = split_address(bind)
        try:
            serve(Options(host, port, workers, demo))
        except (CannotServe, EngineError) as error:
            raise CommandError(str(error)) from error


def split_address(bind):
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise CommandError(f"{bind!r} is not HOST:PORT, as in 127.0.0.1:8000.")
    return host.strip("[]"), int(port)


def at_least_one(word):
    number = int(word)
    if number < 1:
        raise ArgumentTypeError("at least one is needed")
    return number
