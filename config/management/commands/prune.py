from django.core.management.base import CommandError

from config.commands import RegistryCommand, add_format, moment, progress_bar
from config.retention import Kept, kept, people_kept_whole


class Command(RegistryCommand):
    help = (
        "Remove what is no longer kept, batch by batch. What is about a student under "
        "legal hold stays. Workers do it too, a little every two minutes."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "kinds", nargs="*", metavar="KIND", help=f"of {', '.join(kept)} (all)"
        )
        parser.add_argument(
            "--before", type=moment, metavar="DATE", help="instead of what is set"
        )
        parser.add_argument("--dry-run", action="store_true", help="only count")
        add_format(parser)

    def handle(self, *, kinds, before, dry_run, format, **options) -> None:
        chosen = self.chosen(kinds, before)
        with progress_bar("Removing") as advance:
            rows = [
                counted(kind, before) if dry_run else removed(kind, before, advance)
                for kind in chosen
            ]
        self.print_rows(rows, format=format)
        self.say(f"{len(people_kept_whole()):,} students are under legal hold.")

    def chosen(self, names, before) -> list[Kept]:
        """The kinds that are asked for. Another date is for kinds that are named."""
        if unknown := [name for name in names if name not in kept]:
            raise CommandError(f"{unknown[0]!r} is none of {', '.join(kept)}.")
        if before and not names:
            raise CommandError("--before goes with the kinds that it is meant for.")
        return [kept[name] for name in names or kept]


def counted(kind, before) -> dict[str, object]:
    since = before or kind.since()
    return row_of(kind, since, would_remove=kind.count(since) if since else 0)


def removed(kind, before, advance) -> dict[str, object]:
    since, total = before or kind.since(), 0
    for batch in kind.batches(since) if since else ():
        total += batch
        advance(total)
    return row_of(kind, since, removed=total)


def row_of(kind, since, **count) -> dict[str, object]:
    until = since.strftime("%Y-%m-%dT%H:%M:%SZ") if since else "kept for ever"
    return {"kind": kind.name, "before": until, **count}
