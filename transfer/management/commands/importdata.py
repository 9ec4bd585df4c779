import csv
from argparse import ArgumentTypeError
from pathlib import Path

from django.core.management.base import CommandError

from config.commands import RegistryCommand, add_format, progress_bar
from config.errors import DomainError
from config.formulas import escape
from config.history import command_actor, recorded
from transfer import importing
from transfer.errors import RecordMoved, RowsAreWrong, TooManyChanges
from transfer.kinds import KINDS
from transfer.mapping import check_all_are_known
from transfer.plans import errors_of
from transfer.staging import Tables

SHOWN_ERRORS = 20
LONGEST_REASON = 500
EXIT_CODES = {RowsAreWrong: 3, TooManyChanges: 4, RecordMoved: 5}


def opened(path: Path, mode: str, **more):
    """Open a file that was named as an argument."""
    try:
        return path.open(mode, **more)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error


def percent(text: str) -> int:
    """Read a whole number from 0 to 100 that was given as an argument."""
    if not (text.isdecimal() and int(text) <= 100):
        raise ArgumentTypeError(f"{text!r} is no whole number from 0 to 100")
    return int(text)


def reason(text: str) -> str:
    """Read a reason that was given as an argument."""
    if len(text) > LONGEST_REASON:
        raise ArgumentTypeError(f"it has more than {LONGEST_REASON} characters")
    return text


class Command(RegistryCommand):
    help = (
        "Import records of one kind from a CSV file or a workbook (.xlsx). Rows are "
        "found by their id or their key; what the file lacks stays as it is. Exit "
        "codes: 0 done; 1 the file cannot be taken; 2 wrong arguments; 3 rows with "
        "errors; 4 more changes than the limit; 5 the record changed meanwhile. "
        "After any but 0, nothing is changed."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "kind", choices=KINDS, metavar="KIND", help=f"one of {', '.join(KINDS)}"
        )
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, and stop"
        )
        parser.add_argument(
            "--reason",
            default="",
            type=reason,
            help="kept in the history; with one, grades of closed terms may change, "
            "and terms be closed for grades or opened",
        )
        parser.add_argument(
            "--max-change-percent",
            type=percent,
            default=20,
            metavar="N",
            help="stop where more of the kind's records would change (%(default)s)",
        )
        parser.add_argument(
            "--errors-file",
            type=Path,
            metavar="F",
            help="write the errors of every row there, as CSV",
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="HEADER=NAME",
            help="what a column of the file is; `HEADER=` leaves it out",
        )
        add_format(parser)

    def handle(self, *, kind, file, reason, **options):
        actor = command_actor(self.name)
        with recorded(actor=actor, door="command", reason=reason or None):
            it = self.checked(importing.kind_named(kind), file, reason, options)
            self.tell_errors(it, options["errors_file"])
            refusal = self.finished(it, reason, options["dry_run"])
        self.print_result(it, refusal, options)
        if refusal:
            code = EXIT_CODES.get(type(refusal), 1)
            raise CommandError(refusal.message, returncode=code)

    def checked(self, kind, path, reason, options):
        with opened(path, "rb") as file:
            it = importing.receive(
                kind,
                file,
                file_name=path.name,
                actor=command_actor(self.name),
                is_late=bool(reason),
                most_percent=options["max_change_percent"],
            )
            try:
                it.mapping = self.mapping(kind, it, options["column"])
                with progress_bar("Reading") as advance:
                    return importing.check(it, file, advance)
            except DomainError as error:
                importing.refuse(it, error)
                raise

    def mapping(self, kind, it, given):
        said = dict(pair.rpartition("=")[::2] for pair in given)
        for header, name in said.items():
            if header not in it.header or name not in ["", *kind.names]:
                raise CommandError(f"--column {header}={name}: no such column.")
        mapped = {**it.mapping, **said}
        check_all_are_known(kind, it.header, mapped)
        return {header: name for header, name in mapped.items() if name}

    def tell_errors(self, it, errors_file):
        tables = Tables(it.pk)
        for row, sentence in errors_of(tables, SHOWN_ERRORS):
            self.stderr.write(f"Row {row}: {sentence}")
        if errors_file:
            with opened(errors_file, "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(["row", "error"])
                for row, sentence in errors_of(tables):
                    writer.writerow([row, escape(sentence)])

    def finished(self, it, reason, is_dry_run):
        """Apply it, or say by what error it was refused."""
        if is_dry_run:
            return self.looked_at(it, reason)
        try:
            with progress_bar("Writing") as advance:
                importing.apply(it, reason=reason, advance=advance)
        except DomainError as error:
            importing.refuse(it, error)
            return error
        return None

    def looked_at(self, it, reason):
        """Leave nothing of it; say by what error it would be refused."""
        try:
            importing.check_ready(it)
            importing.check_reason(it, reason)
        except DomainError as error:
            return error
        finally:
            importing.forget(it)
        return None

    def print_result(self, it, refusal, options):
        row = {
            "kind": it.kind,
            "rows": it.rows,
            "new": it.new,
            "changed": it.changed,
            "same": it.same,
            "error": it.error,
            "applied": not (refusal or options["dry_run"]),
        }
        self.print_row({"import": it.pk, **row}, format=options["format"])
