"""Everything that writes a registration."""

from registrations.operations.changing import apply_change, apply_changes
from registrations.operations.moving import move
from registrations.operations.publishing import (
    Published,
    Selection,
    Waiting,
    publish,
    waiting,
)
from registrations.operations.registering import register, register_profiles
from registrations.operations.states import (
    approve,
    complete,
    eject,
    reinstate,
    reject,
    withdraw,
)

__all__ = [
    "Published",
    "Selection",
    "Waiting",
    "apply_change",
    "apply_changes",
    "approve",
    "complete",
    "eject",
    "move",
    "publish",
    "register",
    "register_profiles",
    "reinstate",
    "reject",
    "waiting",
    "withdraw",
]
