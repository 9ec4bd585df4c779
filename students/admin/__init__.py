"""Students at the registrar's desk."""

from students.admin import dplans, history, page, records, search, waiting

__all__ = ["dplans", "history", "page", "records", "search", "waiting"]
