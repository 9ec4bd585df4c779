"""Everything that changes a client or a key; each change raises the epoch."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from access.epoch import raise_epoch_on_commit
from access.errors import AlreadyRevoked, ClientNotFound, KeyNotFound, UnknownScope
from access.identities import Identity, find_identity
from access.keys import make_key, prefix_of
from access.models import Client, Key, Status
from access.scopes import SCOPES
from config.errors import Invalid

NOBODY = Identity()
ACTS_AS = ("subject", "profile_id", "lecturer_id")
MISSING = {Client: ClientNotFound, Key: KeyNotFound}


@dataclass(frozen=True)
class CreatedKey:
    """A key and, this once, its secret."""

    key: Key
    secret: str

    def __repr__(self) -> str:
        return f"CreatedKey({self.key})"


@transaction.atomic
def create_client(*, name: str, acts_as: str = "", **attributes: Any) -> Client:
    """Register an external system. It has no key yet.

    `acts_as` is a profile id, a netid or a lecturer id; `attributes` are any
    others of a Client.
    """
    client = Client(name=name, **attributes, **_identity(acts_as))
    _check(client)
    client.save(force_insert=True)
    raise_epoch_on_commit()
    return client


@transaction.atomic
def change_client(*, client_id: str, **changes: Any) -> Client:
    """Change attributes of a client, or `acts_as`; those not named stay."""
    client = _locked(Client, client_id)
    if "acts_as" in changes:
        changes |= _identity(changes.pop("acts_as"))
    return _changed(client, changes)


def suspend_client(*, client_id: str) -> Client:
    """Refuse a client, with all its keys and tokens, until it is resumed."""
    return change_client(client_id=client_id, status=Status.SUSPENDED)


def resume_client(*, client_id: str) -> Client:
    return change_client(client_id=client_id, status=Status.ACTIVE)


def revoke_client(*, client_id: str) -> Client:
    """Refuse a client for good."""
    return change_client(client_id=client_id, status=Status.REVOKED)


@transaction.atomic
def create_key(
    *, client_id: str, note: str = "", expires_at: datetime | None = None
) -> CreatedKey:
    """Give a client one more key. Its secret is in the answer and nowhere else."""
    client = _locked(Client, client_id)
    if client.status == Status.REVOKED:
        raise AlreadyRevoked(f"{client} was revoked: it can have no new key.")
    new = make_key()
    key = Key(client=client, note=note, expires_at=expires_at)
    key.prefix, key.digest = new.prefix, new.digest
    _check(key)
    key.save(force_insert=True)
    raise_epoch_on_commit()
    return CreatedKey(key, new.secret)


@transaction.atomic
def change_key(*, key_id: str, **changes: Any) -> Key:
    """Change the note, the expiry or the status of a key."""
    return _changed(_locked(Key, key_id), changes)


def suspend_key(*, key_id: str) -> Key:
    """Refuse a key, and the tokens made with it, until it is resumed."""
    return change_key(key_id=key_id, status=Status.SUSPENDED)


def resume_key(*, key_id: str) -> Key:
    return change_key(key_id=key_id, status=Status.ACTIVE)


def revoke_key(*, key_id: str) -> Key:
    """Refuse a key, and the tokens made with it, for good."""
    return change_key(key_id=key_id, status=Status.REVOKED)


@transaction.atomic
def rotate_key(
    *, key_id: str, overlap: timedelta, note: str = "", **attributes: Any
) -> CreatedKey:
    """Make a key in place of another, which ends when the overlap is over.

    Without a note of its own it takes that of the other.
    """
    old = _locked(Key, key_id)
    end = timezone.now() + overlap
    new = create_key(client_id=old.client_id, note=note or old.note, **attributes)
    _changed(old, {"expires_at": min(old.expires_at or end, end)})
    return new


def find_key(identifier: str) -> Key:
    """The key with this id or prefix, written with or without `sk-`.

    Of a whole secret, which nobody should type, only the prefix is used or shown.
    """
    prefix = prefix_of(identifier) or identifier.removeprefix("sk-")
    key = Key.objects.filter(Q(pk=prefix) | Q(prefix=prefix)).first()
    if key is None:
        raise KeyNotFound(f"No key has the id or prefix {prefix!r}.")
    return key


def _locked(model: type[Client] | type[Key], pk: str) -> Any:
    row = model.objects.locked().filter(pk=pk).first()
    if row is None:
        raise MISSING[model](f"No {model._meta.verbose_name} has the id {pk!r}.")
    return row


def _changed(row: Any, changes: dict[str, Any]) -> Any:
    """Write the changes of a client or key that is locked."""
    if row.status == Status.REVOKED and changes.get("status", row.status) != row.status:
        raise AlreadyRevoked(f"{row} was revoked, which is for good.", field="status")
    for name, value in changes.items():
        setattr(row, name, value)
    _check(row)
    row.save(update_fields=changes)
    raise_epoch_on_commit()
    return row


def _identity(identifier: str) -> dict[str, str]:
    """The attributes of a client that say whom it acts as."""
    identity = find_identity(identifier) if identifier else NOBODY
    return {name: getattr(identity, name) for name in ACTS_AS}


def _check(row: Client | Key) -> None:
    """Raise Invalid, naming the attribute, for what no client or key may be."""
    unknown = [scope for scope in getattr(row, "scopes", []) if scope not in SCOPES]
    if unknown:
        raise UnknownScope(f"Unknown scope: {', '.join(unknown)}", field="scopes")
    try:
        row.full_clean()
    except ValidationError as error:
        field, faults = next(iter(error.message_dict.items()))
        raise Invalid(" ".join(faults), field=field) from error
