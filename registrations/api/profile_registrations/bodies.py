"""Request bodies: typed structs that large bodies are decoded straight into.

A body that is right in every respect takes one pass of a typed decoder. Any
other is parsed as every interface does, and converted part by part, so that each
item has its own error and the good ones go on.
"""

import re
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from config.errors import DomainError, Invalid
from config.rest.bodies import exact_number
from config.rest.requests import Request
from config.unset import UNSET, Unset
from registrations.changes import Change, GradeChange, Target
from registrations.errors import LONGEST_SHOWN, shown
from registrations.rows import State

Entry = TypeVar("Entry")
Shape = TypeVar("Shape")

MOST_ITEMS = 1000

# What a decoder of msgspec says is wrong, and where.
REFUSAL = re.compile(r"(.*?)(?: - at `\$\.?(.*)`)?", re.DOTALL)
UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
MISSING = re.compile(r"Object missing required field `(.*)`", re.DOTALL)
EXPECTED = re.compile(r"Expected `([^`]*)`.*", re.DOTALL)
KINDS = {
    "str": "a string",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


class GradeItem(GradeChange, frozen=True, forbid_unknown_fields=True):
    """One entry of an item's `grades`."""


class Item(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an item may ask, whichever registration it is for."""

    grade_state_name: str | None | Unset = UNSET
    grades: list[GradeItem] = []
    registration_state: str | Unset = UNSET
    awarded: bool | None | Unset = UNSET
    grade_notes: str | Unset = UNSET
    grade_feedback: str | Unset = UNSET

    def change(self, target: Target) -> Change:
        state = self.registration_state
        if state is UNSET and target.creates:
            state = State.REGISTERED  # registered again, if it was not
        return Change(
            target=target,
            grade_state_name=self.grade_state_name,
            grades=self.grades,
            registration_state=state,
            awarded=self.awarded,
            grade_notes=self.grade_notes,
            grade_feedback=self.grade_feedback,
        )


class ProfileItem(Item, frozen=True, kw_only=True):
    """For the profile's registration on a unit in a context."""

    unit_id: str
    context_id: str


class RosterItem(Item, frozen=True, kw_only=True):
    """For a registration on the unit, by its id or by its profile."""

    registration_id: str | Unset = UNSET
    profile_id: str | Unset = UNSET


class Body(Struct, Generic[Entry], frozen=True, forbid_unknown_fields=True):
    registrations: list[Entry]


class RosterBody(Body[Entry], Generic[Entry], frozen=True, forbid_unknown_fields=True):
    send_notifications: bool = False


class GradeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """One grade of one profile."""

    profile_id: str
    grade_name: str
    grade_value: Any


PROFILE_BODY = msgspec.json.Decoder(Body[ProfileItem], float_hook=exact_number)
ROSTER_BODY = msgspec.json.Decoder(RosterBody[RosterItem], float_hook=exact_number)


def read_profile_body(request: Request) -> Sequence[ProfileItem | DomainError]:
    """Return the items of a body, or what is wrong with one in its place.

    Raises Invalid where no list of items can be made out.
    """
    body = _typed(request, PROFILE_BODY)
    if body is None:
        body = _loose(request, Body[Any], ProfileItem)
    return _bounded(body).registrations


def read_roster_body(request: Request) -> RosterBody[RosterItem | DomainError]:
    """Return a body with its items, or what is wrong with one in its place.

    Raises Invalid where no list of items can be made out.
    """
    body = _typed(request, ROSTER_BODY)
    return _bounded(body or _loose(request, RosterBody[Any], RosterItem))


def read_grade_body(request: Request) -> GradeBody:
    body = convert(request.data, GradeBody)
    if body.grade_value is None:
        sentence = "Must be a string or a number."
        raise Invalid(sentence, field="grade_value", code="wrong_type")
    return body


def convert(data: Any, shape: type[Shape]) -> Shape:
    """Return parsed JSON as a struct. Raises Invalid, which names the attribute."""
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from None


def _typed(request: Request, decoder: msgspec.json.Decoder) -> Any | None:
    """Decode in one pass; None for a body that needs a closer look.

    Only an escape can hide a NUL or a lone surrogate in a string.
    """
    if b"\\u" in request.raw:
        return None
    try:
        return decoder.decode(request.raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _loose(request: Request, shape: Any, item: type[Item]) -> Any:
    """Convert item by item; raises what is wrong with the body as a whole."""
    body = convert(request.data, shape)
    items = [_item(entry, item) for entry in _bounded(body).registrations]
    return replace(body, registrations=items)


def _item(entry: Any, item: type[Item]) -> Item | DomainError:
    try:
        return convert(entry, item)
    except Invalid as error:
        return error


def _bounded(body: Any) -> Any:
    if len(body.registrations) > MOST_ITEMS:
        raise Invalid(
            f"At most {MOST_ITEMS} items are taken at once.", field="registrations"
        )
    return body


def _refused(message: str) -> Invalid:
    what, path = _groups(REFUSAL, message)
    if UNKNOWN.fullmatch(what):
        (name,) = _groups(UNKNOWN, what)
        sentence = f"{shown(name)} is not an attribute that can be given here."
        return Invalid(sentence, field=_join(path, name), code="unknown_attribute")
    if MISSING.fullmatch(what):
        (name,) = _groups(MISSING, what)
        return Invalid(f"{name} is required.", field=_join(path, name), code="required")
    return Invalid(_expectation(what), field=path or None, code="wrong_type")


def _expectation(what: str) -> str:
    match = EXPECTED.fullmatch(what)
    if match is None:
        return "The value cannot be read."
    kinds = [KINDS.get(kind, kind) for kind in match[1].split(" | ")]
    return f"Must be {' or '.join(kinds)}."


def _groups(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    match = pattern.fullmatch(text)
    return tuple(group or "" for group in match.groups()) if match else ("", "")


def _join(path: str, name: str) -> str:
    name = name[:LONGEST_SHOWN]
    return f"{path}.{name}" if path else name
