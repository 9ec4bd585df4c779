"""Registrations and grades at the registrar's desk."""

from registrations.admin import grade_sheet, offerings, publishing, records

__all__ = ["grade_sheet", "offerings", "publishing", "records"]
