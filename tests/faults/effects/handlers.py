import json
import os
import signal
import time

from config.errors import Invalid
from tasks import registry
from tests.faults.effects.models import Account, Effect


def path_of(resource_id: str) -> str:
    return f"/accounts/{resource_id}"


def handler(action: str):
    return registry.handler("accounts", action, view=registry.SHORT, path=path_of)


def locked(key: str) -> Account:
    Account.objects.get_or_create(pk=key)
    return Account.objects.select_for_update().get(pk=key)


def add(task, body) -> str:
    """Read, add, write back, and leave a line: nothing here is safe by itself."""
    account = Account.objects.get_or_create(pk=task.resource_id)[0]
    time.sleep(body.get("sleep", 0))
    Effect.objects.create(
        task=task.pk,
        lane=task.lane_id,
        number=task.number,
        token=body["token"],
        added=body["add"],
    )
    account.total += body["add"]
    account.count += 1
    account.last = body["token"]
    account.save()
    return "Added."


@handler("PATCH")
def patch(task):
    return add(task, json.loads(task.payload))


@handler("CROSS")
def cross(task):
    """Lock other accounts in the order given: two lanes may do it crosswise."""
    body = json.loads(task.payload)
    for key in body["order"]:
        locked(key)
        time.sleep(0.05)
    return add(task, body)


@handler("REFUSE")
def refuse(task):
    add(task, json.loads(task.payload))
    raise Invalid("Not so.")


@handler("RAISE")
def fail(task):
    add(task, json.loads(task.payload))
    raise RuntimeError("a fault of ours")


@handler("KILL")
def kill(task):
    add(task, json.loads(task.payload))
    os.kill(os.getpid(), signal.SIGKILL)


@handler("HANG")
def hang(task):
    add(task, json.loads(task.payload))
    time.sleep(3600)


if os.environ.get("RELEASE") != "old":

    @handler("NEW")
    def new(task):
        return add(task, json.loads(task.payload))
