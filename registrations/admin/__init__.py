"""Registrations and grades at the registrar's desk."""

from registrations.admin import grade_sheet, offerings, publishing, records, student

__all__ = ["grade_sheet", "offerings", "publishing", "records", "student"]
