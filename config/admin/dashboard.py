"""The first page of the desk: what there is to do, for who is signed in.

The site knows no room: each registers what it has to say here, as it does its
screens.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from msgspec import Struct

from config.admin.pages import page
from config.admin.requests import DeskRequest

MOST_FIGURES = 4


class Figure(Struct, frozen=True):
    """A number at the head of the page, and where it is dealt with."""

    value: int
    says: str
    url: str
    note: str = ""
    is_about: bool = False  # estimated
    is_urgent: bool = False


class Panel(Struct, frozen=True):
    """One part of the page."""

    name: str  # its anchor
    title: str
    template: str
    shown: dict[str, Any]  # to the template
    width: int = 12  # of twelve columns


class Part(Struct, frozen=True):
    """What one room has to say."""

    figures: list[Figure] = []
    panels: list[Panel] = []


Reads = Callable[[DeskRequest], Part | None]

_parts: list[tuple[int, Reads]] = []


def part(place: int) -> Callable[[Reads], Reads]:
    """Register what a room has to say, or None for who may not hear it."""

    def register(reads: Reads) -> Reads:
        _parts.append((place, reads))
        _parts.sort(key=lambda each: each[0])
        return reads

    return register


def parts_of(request: DeskRequest) -> Iterator[Part]:
    """What the rooms have to say to who is signed in, in the order of their places."""
    made = (reads(request) for _, reads in _parts)
    return (each for each in made if each is not None)


def dashboard(request: DeskRequest) -> HttpResponse:
    """The first figures of all that there are, and every panel."""
    parts = [*parts_of(request)]
    figures = [each for part in parts for each in part.figures]
    return page(
        request,
        "admin/dashboard.html",
        title=admin.site.index_title,
        figures=figures[:MOST_FIGURES],
        panels=[each for part in parts for each in part.panels],
    )
