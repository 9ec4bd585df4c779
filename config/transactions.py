"""Transactions of operations."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
R = TypeVar("R")


def joining(operation: Callable[P, R]) -> Callable[P, R]:
    """Run an operation within the transaction that there is, or else in its own.

    For one that refuses before it writes anything: it needs no savepoint, whose
    two round trips cost as much as the work.
    """

    @wraps(operation)
    def joined(*arguments: P.args, **named: P.kwargs) -> R:
        if connection.in_atomic_block:
            return operation(*arguments, **named)
        with transaction.atomic():
            return operation(*arguments, **named)

    return joined
