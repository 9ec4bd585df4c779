"""What must hold of people."""

from config.invariants import holds

holds(
    "people of clients",
    "Whoever a client acts as is there.",
    """
    SELECT client.id FROM access_client AS client
    WHERE client.profile_id <> '' AND NOT EXISTS (
        SELECT FROM students_profile WHERE id = client.profile_id
    )
    """,
)
