"""The systems that may call, each with its keys, on one page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.http import HttpResponse

from access.admin.keys import may_change_keys, may_make_keys, may_replace_keys
from access.models import Client, Key
from config.admin.pages import page
from config.admin.paging import BoundedPaginator
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.staff import Staff

PER_PAGE = 25
ENDED = ("expired", "revoked")


def may_see_clients(staff: Staff) -> bool:
    return staff.user.has_perms(["access.view_client", "access.view_key"])


@dataclass(frozen=True)
class Registered:
    """A client with those of its keys that have not ended, newest first."""

    client: Client
    keys: list[Key]
    ended: int  # how many more it had
    last_used_at: datetime | None


@screen("clients/", name="clients", allowed=may_see_clients, label="Clients", place=80)
def clients(request: DeskRequest) -> HttpResponse:
    """Every client, newest first, with its keys and when each was last used."""
    words = request.GET.get("q", "").strip()[:200]
    found = Client.objects.order_by("-pk").prefetch_related(
        Prefetch("keys", Key.objects.order_by("-pk"))
    )
    if words:
        found = found.filter(name__istartswith=words) | found.filter(pk=words)
    shown = BoundedPaginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return page(
        request,
        "admin/access/clients.html",
        title="Clients and keys",
        clients=[*registered(shown.object_list)],
        shown=shown,
        words=words,
        may_register=request.user.has_perm("access.add_client"),
        may_make=may_make_keys(request.staff),
        may_replace=may_replace_keys(request.staff),
        may_revoke=may_change_keys(request.staff),
    )


def registered(found: Iterable[Client]) -> Iterator[Registered]:
    for client in found:
        keys = [*client.keys.all()]
        live = [key for key in keys if key.standing not in ENDED]
        uses = [key.last_used_at for key in keys if key.last_used_at]
        yield Registered(client, live, len(keys) - len(live), max(uses, default=None))
