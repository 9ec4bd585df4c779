"""Searches that no index serves, and the time that they may take."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from config.found_sets import CANCELLED, SearchTooSlow


@contextmanager
def bounded(seconds: int | None) -> Iterator[None]:
    """Let each statement inside take `seconds` at the most; None: as ever.

    Raises SearchTooSlow past them.
    """
    if seconds is None:
        yield
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{seconds}s'")
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == CANCELLED:
            raise SearchTooSlow from error
        raise
