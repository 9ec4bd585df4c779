"""What Prometheus reads, right with any number of web processes.

Counters live in files that the processes share (PROMETHEUS_MULTIPROC_DIR). What
is a fact of the record is asked of it at each scrape: an app registers a
collector for that, with `at_scrape`, in its AppConfig.ready.
"""

import ipaddress
import os
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config.proxies import is_address

_at_scrape: list[Collector] = []


def at_scrape(collector: Collector) -> None:
    """Have `collector.collect()` asked at each scrape, in the process scraped."""
    _at_scrape.append(collector)


def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics, to who holds METRICS_TOKEN; without one, to this machine."""
    if not _may_read(request):
        return JsonResponse({"message": "Forbidden"}, status=403)
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def exposition() -> bytes:
    registry = CollectorRegistry()
    for collector in _at_scrape:
        registry.register(collector)
    return generate_latest(_counters()) + generate_latest(registry)


def _counters() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)
    return shared


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").encode()
        return secrets.compare_digest(
            given, f"Bearer {settings.METRICS_TOKEN}".encode()
        )
    return is_local(request)


def is_local(request: HttpRequest) -> bool:
    """Whether a program on this machine asks, for itself and not as a proxy."""
    if getattr(request, "was_forwarded", False):
        return False
    address = request.META["REMOTE_ADDR"]
    return is_address(address) and ipaddress.ip_address(address).is_loopback
