from django.core.management.base import BaseCommand, CommandError

from config.openapi import COMMITTED, document_text


class Command(BaseCommand):
    help = "Write the OpenAPI document to docs/openapi.json, or check it."

    def add_arguments(self, parser):
        parser.add_argument(
            "--check",
            action="store_true",
            help="Exit with 1 where the committed document differs; write nothing.",
        )

    def handle(self, *args, check, **options):
        if not check:
            COMMITTED.write_bytes(document_text())
            self.stderr.write(f"Wrote {COMMITTED.name}.", self.style.SUCCESS)
        elif not COMMITTED.exists() or COMMITTED.read_bytes() != document_text():
            raise CommandError(
                "docs/openapi.json is not what the code says: run manage.py openapi."
            )
