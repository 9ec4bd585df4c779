from django.core.management.base import CommandError
from rich.console import Console
from rich.progress import Progress

from config.commands import RegistryCommand
from config.demo import TABLES, load


class Command(RegistryCommand):
    help = "Load the demo record, with generated students if asked; again: no change."

    def add_arguments(self, parser):
        parser.add_argument(
            "--students",
            type=int,
            default=0,
            help="how many generated students there are to be (default: none)",
        )

    def handle(self, *, students, **options):
        if students < 0:
            raise CommandError("--students is a number from 0.")
        console = Console(stderr=True)
        with Progress(console=console, disable=not console.is_terminal) as progress:
            bar = progress.add_task(
                "Students", total=students * TABLES, visible=students > 0
            )
            load(students=students, advance=lambda count: progress.advance(bar, count))
        self.say("The demo record is loaded.")
