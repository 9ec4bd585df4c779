"""Stored answers go after the day that is promised; disclosures, if ever, later."""

from config.retention import Kept, keep

IS_OF_NOBODY_KEPT = "NOT profile_ids && %(people)s::varchar[]"

keep(
    Kept(
        "idempotency",
        "access_idempotencyrecord",
        "created_at",
        days=1,
        only=IS_OF_NOBODY_KEPT,
    ),
    Kept(
        "disclosures",
        "access_disclosure",
        "at",
        days="DISCLOSURES_KEPT_DAYS",
        only=IS_OF_NOBODY_KEPT,
    ),
)
