"""What must hold of enrollments."""

from config.invariants import holds

holds(
    "people of enrollments",
    "The registration of an enrollment is the same person's.",
    """
    SELECT enrollment.id FROM enrollments_enrollment AS enrollment
    JOIN registrations_registration AS registration
        ON registration.id = enrollment.registration_id
    WHERE registration.profile_id <> enrollment.profile_id
    """,
)
holds(
    "units of enrollments",
    "The registration of an enrollment is on the unit of its offering.",
    """
    SELECT enrollment.id FROM enrollments_enrollment AS enrollment
    JOIN registrations_registration AS registration
        ON registration.id = enrollment.registration_id
    JOIN offerings_unitoffering AS offering ON offering.id = enrollment.offering_id
    JOIN offerings_unitversion AS version ON version.id = offering.unit_version_id
    WHERE version.unit_id <> registration.unit_id
    """,
)
