"""The answers as JSON schemas."""

from typing import Any

TEXT = {"type": "string"}
SECONDS = {"type": "integer", "description": "Unix seconds."}


def _object(title: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    shape = {"title": title, "type": "object", "required": [*properties]}
    return {**shape, "properties": properties, **more}


CLAIMS = _object(
    "Claims",
    {
        "iss": TEXT,
        "aud": TEXT,
        "sub": {**TEXT, "description": "The netid acted as, else the client's id."},
        "name": TEXT,
        "email": TEXT,
        "role": {"type": ["string", "null"]},
        "iat": SECONDS,
        "exp": SECONDS,
        "jti": TEXT,
        "scope": {**TEXT, "description": "Joined by commas."},
    },
)
TOKEN = _object(
    "Token",
    {
        "jwt": TEXT,
        "payload": CLAIMS,
        "accepted_scopes": {"type": "array", "items": TEXT},
    },
)
# What else a key holds depends on its type: RFC 7517.
PUBLIC_KEY = _object(
    "PublicKey",
    {"kid": TEXT, "kty": TEXT, "use": TEXT, "alg": TEXT},
    additionalProperties=True,
)
KEY_SET = _object("KeySet", {"keys": {"type": "array", "items": PUBLIC_KEY}})
