"""Screens of the desk that are not the admin of one model.

A room registers its screens from its `admin` package; the site serves them and
puts those with a label into the bar at the top.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse

from config.admin.requests import DeskRequest
from config.admin.staff import Staff

View = Callable[..., HttpResponse]
Allowed = Callable[[Staff], bool]


@dataclass(frozen=True)
class Screen:
    """One address of the desk, and who may open it."""

    route: str  # under /admin/, as Django's `path` spells it
    name: str
    view: View
    allowed: Allowed
    label: str = ""  # in the bar; none: not there
    place: int = 0  # in the bar, from the left


_screens: dict[str, Screen] = {}


def screen(
    route: str, *, name: str, allowed: Allowed, label: str = "", place: int = 0
) -> Callable[[View], View]:
    """Register the decorated view as a screen; whoever is not allowed gets 403."""

    def register(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: DeskRequest, *args, **kwargs) -> HttpResponse:
            if not allowed(request.staff):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        if name in _screens:
            raise ValueError(f"two screens are named {name}")
        _screens[name] = Screen(route, name, guarded, allowed, label, place)
        return guarded

    return register


def screens() -> list[Screen]:
    return sorted(_screens.values(), key=lambda each: each.place)


def is_allowed(name: str, staff: Staff) -> bool:
    """Whether a member of staff may open the screen of that name."""
    return name in _screens and _screens[name].allowed(staff)


def navigation(request: DeskRequest) -> Iterator[dict[str, object]]:
    """The entries of the bar for who is signed in."""
    staff = Staff(request.user)
    for each in screens():
        if each.label and each.allowed(staff):
            url = reverse(f"admin:{each.name}")
            yield {
                "label": each.label,
                "url": url,
                "is_current": request.path.startswith(url) and url != "/admin/",
            }
