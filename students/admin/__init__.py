"""Students at the registrar's desk."""

from students.admin import dplans, history, legal_holds, page, records, search, waiting

__all__ = [
    "dplans",
    "history",
    "legal_holds",
    "page",
    "records",
    "search",
    "waiting",
]
