"""A request as the screens of the desk get it."""

from django.contrib.auth.models import User
from django.http import HttpRequest

from config.admin.staff import Staff


class DeskRequest(HttpRequest):
    """What the site adds to a request before it reaches a page."""

    user: User
    staff: Staff
    request_id: str
    released: dict[str, None]  # whose records the page shows
