"""URLs that work with and without a trailing slash."""

from django.urls import URLPattern, path


def endpoint(route: str, view: type, **actions: str) -> list[URLPattern]:
    """Return the two paths of one endpoint; `actions` maps verbs to methods.

    endpoint("registrations/<str:pk>", View, get="retrieve", put="update")
    """
    handler = view.as_view(actions)  # type: ignore[attr-defined]
    return [path(route, handler), path(f"{route}/", handler)]
