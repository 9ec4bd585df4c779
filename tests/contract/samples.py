"""Holding an answer against a printed one."""

import json
from typing import Any


def as_printed(answer: Any, sample: Any, *apart: str) -> str:
    """The answer as text, with what cannot be the printed value put apart.

    Attributes named in `apart` (ids and times) get the printed value where theirs
    is of the same type; nothing else is touched, and the order is kept.
    """
    return json.dumps(_apart(answer, sample, apart), indent=1)


def printed(sample: Any) -> str:
    return json.dumps(sample, indent=1)


def _apart(answer: Any, sample: Any, apart: tuple[str, ...]) -> Any:
    if isinstance(answer, list) and isinstance(sample, list):
        pairs = zip(answer, sample, strict=False)
        return [_apart(*pair, apart) for pair in pairs] + answer[len(sample) :]
    if isinstance(answer, dict) and isinstance(sample, dict):
        return {
            name: _value(name, value, sample, apart) for name, value in answer.items()
        }
    return answer


def _value(name: str, value: Any, sample: dict[str, Any], apart: tuple[str, ...]):
    like = sample.get(name)
    if name in apart and type(value) is type(like):
        return like
    return _apart(value, like, apart)
