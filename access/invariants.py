"""What must hold of clients and signing keys."""

from access.scopes import ROLES, SCOPES
from config.invariants import holds

holds(
    "scopes of clients",
    "A client has scopes and a role that there are.",
    """
    SELECT id FROM access_client
    WHERE NOT scopes <@ %s::varchar[] OR NOT role = ANY (%s::varchar[])
    """,
    [*SCOPES],
    ["", *ROLES],
)
