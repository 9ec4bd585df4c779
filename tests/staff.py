"""Members of staff, signed in to the admin."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client


def make_staff(*permissions: str, username: str = "clerk", **attributes):
    """A member of staff who holds these permissions ("students.see_held")."""
    user = get_user_model().objects.create(
        username=username, is_staff=True, **attributes
    )
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


def signed_in(user) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(user)
    return client


def make_admin(username: str = "registrar") -> Client:
    """Whoever may do anything, signed in."""
    return signed_in(make_staff(username=username, is_superuser=True))
