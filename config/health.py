"""The probes: is the process alive, can it serve, and how is it doing."""

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis import RedisError

from config import workers
from config.metrics import metrics

SAFE = "GET, HEAD, OPTIONS"


def healthz(request: HttpRequest) -> HttpResponse:
    """200: this process answers. It looks at nothing else."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 where the database answers and is migrated, else 503.

    The broker and the workers are told but change no status: what is accepted
    without them is kept and done when they are back.
    """
    database = database_state()
    is_ready = database == "migrated"
    body = {
        "status": "ready" if is_ready else "not ready",
        "database": database,
        **broker_state(),
    }
    return JsonResponse(body, status=200 if is_ready else 503)


def database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return "migrated" if is_migrated() else "not migrated"
    except DatabaseError:
        return "down"


_seen_migrated = False


def is_migrated() -> bool:
    """Whether no migration waits. Once so, it stays so for this process's code."""
    global _seen_migrated
    if not _seen_migrated:
        executor = MigrationExecutor(connection)
        targets = executor.loader.graph.leaf_nodes()
        _seen_migrated = not executor.migration_plan(targets)
    return _seen_migrated


def broker_state() -> dict[str, Any]:
    try:
        return {"broker": "ok", "workers": workers.count()}
    except RedisError:
        return {"broker": "down", "workers": None}


PROBES = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}


class ProbeMiddleware:
    """Answers probes before hosts, sessions or credentials are looked at.

    A load balancer asks by address, with a Host that no setting names.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        probe = PROBES.get(request.path.rstrip("/"))
        if probe is None:
            return self.get_response(request)
        response = answer(probe, request)
        response["Content-Length"] = len(response.content)
        return response


def answer(probe: Callable[[HttpRequest], HttpResponse], request) -> HttpResponse:
    if request.method in ("GET", "HEAD"):
        return probe(request)
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": SAFE})
    refusal = {"message": "Method Not Allowed"}
    return JsonResponse(refusal, status=405, headers={"Allow": SAFE})
