"""What a caller must have been granted for each action of a view.

A view says so at its top, for every action that it has:

    required_scopes = {"list": (REGISTRATIONS_READ,), "retrieve": ()}
    required_roles = {"destroy": (ADMIN,)}          # any one of them

An empty tuple opens the action to every caller who is recognised. An action
that is in neither is an error at start-up (access.checks) and at the request:
forgetting it never opens a door.
"""

from collections.abc import Iterable, Mapping

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import BasePermission

from access.callers import Caller
from access.errors import MissingRole, MissingScopes


def missing_scopes(caller: Caller, scopes: Iterable[str]) -> list[str]:
    """Those of the scopes that the caller was not granted, in their order."""
    return [scope for scope in scopes if scope not in caller.scopes]


def require(caller: Caller, *, scopes: Iterable[str] = (), roles: Iterable[str] = ()):
    """Raise MissingScopes or MissingRole unless the caller has all that is asked."""
    if missing := missing_scopes(caller, scopes):
        raise MissingScopes(missing)
    if roles and caller.role not in roles:
        raise MissingRole(roles)


def declared(view, action: str) -> dict[str, tuple[str, ...]]:
    """What the view says about an action. Raises ImproperlyConfigured if nothing."""
    scopes: Mapping = getattr(view, "required_scopes", {})
    roles: Mapping = getattr(view, "required_roles", {})
    if action not in scopes and action not in roles:
        name = (view if isinstance(view, type) else type(view)).__name__
        raise ImproperlyConfigured(f"{name} declares no scopes or roles for {action}.")
    return {"scopes": scopes.get(action, ()), "roles": roles.get(action, ())}


class HasDeclaredAccess(BasePermission):
    """Holds the caller against what the view declares for this action."""

    def has_permission(self, request, view) -> bool:
        require(request.user, **declared(view, view.action))
        return True
