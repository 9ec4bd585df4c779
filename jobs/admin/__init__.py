"""Jobs at the registrar's desk."""

from jobs.admin import dashboard, records

__all__ = ["dashboard", "records"]
