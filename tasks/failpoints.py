"""Named places where the fault tests make this process die, stop or fail.

Nothing is installed outside those tests, and passing by is one look-up.
"""

from collections.abc import Callable

BEFORE_ACCEPT_COMMIT = "before the accept commits"
AFTER_ACCEPT_COMMIT = "after the accept committed"
AFTER_CLAIM_COMMIT = "after the claim committed"
BEFORE_EFFECT = "before the effect"
AFTER_EFFECT = "after the effect"
AFTER_EFFECT_COMMIT = "after the effect committed"
IN_SWEEP = "in the sweep"

_installed: dict[str, Callable[[], None]] = {}


def install(name: str, act: Callable[[], None]) -> None:
    _installed[name] = act


def reach(name: str) -> None:
    if act := _installed.get(name):
        act()
