"""Whether the engines, the schema, the workers and this machine are in order."""

import shutil
import time
from collections.abc import Iterator

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import workers
from config.broker import client
from config.diagnosis import look, ok, warning, wrong

OLDEST_POSTGRESQL = 150000
OLDEST_BROKER = (6, 2)
CLOCKS_DIFFER = 2  # seconds; tokens are given 60
CLOCKS_ARE_WRONG = 30
LEAST_FREE = 0.1  # of a disk
MOST_CONNECTIONS = 0.8  # of those there may be
GIGABYTE = 1 << 30
READ = "See Settings in docs/operating."

SERVER = """
SELECT current_setting('server_version_num')::int, current_setting('server_version'),
    pg_size_pretty(pg_database_size(current_database())),
    current_setting('max_connections')::int,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
"""
TRIGGERS = """
SELECT tgname, obj_description(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal
"""
MAY_ALTER = """
SELECT count(*) FROM unnest(%s::text[]) AS history
WHERE has_table_privilege(history, 'UPDATE') OR has_table_privilege(history, 'DELETE')
"""


@look("database")
def database() -> Iterator[tuple]:
    number, version, size, most, connections = _row(SERVER)
    if number < OLDEST_POSTGRESQL:
        yield wrong(f"PostgreSQL {version} is too old.", "Move to 15 or later.")
    else:
        yield ok(f"PostgreSQL {version}, {size}")
    says = f"{connections} of {most} connections are in use"
    if connections > most * MOST_CONNECTIONS:
        do = "Lower DATABASE_POOL or the number of processes, or use PgBouncer."
        yield warning(says, do)
    else:
        yield ok(says)


@look("broker")
def broker() -> Iterator[tuple]:
    facts = client().info()
    version = facts.get("valkey_version", facts["redis_version"])
    says = (
        f"{facts.get('server_name', 'redis')} {version}, {facts['used_memory_human']}"
    )
    if _numbers(facts["redis_version"]) < OLDEST_BROKER:
        yield wrong(f"{says} is too old.", "Move to 6.2 or later.")
    elif facts.get("maxmemory_policy", "noeviction") != "noeviction":
        yield warning(f"{says} may evict keys.", "Set maxmemory-policy noeviction.")
    else:
        yield ok(says)


@look("migrations")
def migrations() -> Iterator[tuple]:
    executor = MigrationExecutor(connection)
    loader = executor.loader
    waiting = executor.migration_plan(loader.graph.leaf_nodes())
    unknown = [key for key in loader.applied_migrations if _is_unknown(loader, key)]
    if waiting:
        yield wrong(f"{len(waiting)} are not applied.", "manage.py migrate")
    if unknown:
        says = f"{len(unknown)} are applied that this code does not know."
        yield warning(says, "Run the release that the database was migrated for.")
    if not waiting and not unknown:
        yield ok("all are applied")


def _is_unknown(loader, key: tuple[str, str]) -> bool:
    return key[0] in loader.migrated_apps and key not in loader.disk_migrations


@look("history")
def history() -> Iterator[tuple]:
    registered = pgtrigger.registered()
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS)
        found = {name: (mark, enabled) for name, mark, enabled in cursor.fetchall()}
    amiss = [
        f"{trigger.name} of {model._meta.db_table}"
        for model, trigger in registered
        if found.get(trigger.get_pgid(model)) != (trigger.compile(model).hash, "O")
    ]
    if amiss:
        says = f"{len(amiss)} triggers are missing, altered or off: {amiss[0]} ..."
        yield wrong(says, "manage.py pgtrigger install, and find out since when.")
    else:
        yield ok(f"all {len(registered)} triggers are in place")
    yield from _who_may_alter_it()


def _who_may_alter_it() -> Iterator[tuple]:
    (open_tables,) = _row(MAY_ALTER, [event_tables()])
    if open_tables:
        yield ok("kept by triggers; this role could switch them off")
    else:
        yield ok("kept by triggers and by grants")


def event_tables() -> list[str]:
    """The tables of the history."""
    models = (m for m in apps.get_models() if hasattr(m, "pgh_tracked_model"))
    return sorted(model._meta.db_table for model in models)


@look("workers")
def queues() -> Iterator[tuple]:
    for queue, does in (("lanes", "tasks"), ("jobs", "jobs")):
        if alive := workers.serving(queue):
            yield ok(f"{alive} for {does}")
        else:
            says = f"None is heard for {does}; what is asked for waits."
            do = "Start one: see What runs in docs/operating."
            yield wrong(says, do)


@look("clock")
def clock() -> Iterator[tuple]:
    (of_database,) = _row("SELECT extract(epoch FROM clock_timestamp())::float")
    yield _compared("the database's", of_database - time.time())
    seconds, microseconds = client().time()
    yield _compared("the broker's", seconds + microseconds / 1e6 - time.time())


def _compared(whose: str, ahead: float) -> tuple:
    says = f"{whose} is {abs(ahead):.1f} s {'ahead' if ahead > 0 else 'behind'}"
    do = "Have every host keep its time by NTP."
    if abs(ahead) > CLOCKS_ARE_WRONG:
        return wrong(says, do)
    return warning(says, do) if abs(ahead) > CLOCKS_DIFFER else ok(says)


@look("disk")
def disk() -> Iterator[tuple]:
    if not settings.STATE_DIR.exists():
        return
    usage = shutil.disk_usage(settings.STATE_DIR)
    says = f"{usage.free / GIGABYTE:.1f} GiB free under the state folder"
    if usage.free < GIGABYTE:
        yield wrong(says, "Make room before the database stops.")
    elif usage.free < usage.total * LEAST_FREE:
        yield warning(says, "Make room.")
    else:
        yield ok(says)


@look("settings")
def deployment() -> Iterator[tuple]:
    found = checks.run_checks(include_deployment_checks=True)
    loud = [each for each in found if not each.is_silenced()]
    for each in loud:
        first, stop, _ = each.msg.partition(". ")
        tells = wrong if each.is_serious() else warning
        yield tells(f"{each.id}: {first}{stop.strip()}", each.hint or READ)
    if not loud:
        yield ok("nothing is said against them")


def _row(statement: str, parameters: list | None = None) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])
