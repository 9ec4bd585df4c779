"""Answers with a meaning of their own."""

from typing import Any, Protocol

from rest_framework import status
from rest_framework.response import Response

__all__ = ["Accepted", "Response"]


class Promised(Protocol):
    pk: str


class Accepted(Response):
    """202: the change is promised; `Location` is where to ask how it ended."""

    def __init__(self, task: Promised, **options: Any) -> None:
        super().__init__({"status": "accepted"}, status.HTTP_202_ACCEPTED, **options)
        self["Location"] = f"/api/tasks/{task.pk}"
        self["Retry-After"] = "1"
