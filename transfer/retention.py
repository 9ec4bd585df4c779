"""What tells of an import or an export goes after a while, and its file with it."""

from config.retention import Kept, keep
from transfer.staging import Tables, drop, staged_ids

SETTING = "TRANSFERS_KEPT_DAYS"
NOBODY_IS_AT_WORK = """
NOT EXISTS (
    SELECT FROM jobs_job WHERE id = old.job_id AND state IN ('queued', 'running')
)
"""
REMOVED = "DELETE FROM {table} WHERE {pk} IN (SELECT pk FROM going) RETURNING {pk}"


def drop_files(owner_ids: list[str]) -> None:
    """Drop what the removed rows still have in tables of their own."""
    for owner_id in sorted(staged_ids().intersection(owner_ids)):
        drop(Tables(owner_id))


keep(
    Kept(
        "imports",
        "transfer_import",
        "created_at",
        days=SETTING,
        only=f"state NOT IN ('received', 'checked') AND {NOBODY_IS_AT_WORK}",
        removing=REMOVED,
        along=drop_files,
    ),
    Kept(
        "exports",
        "transfer_exportfile",
        "created_at",
        days=SETTING,
        only=NOBODY_IS_AT_WORK,
        removing=REMOVED,
        along=drop_files,
    ),
)
