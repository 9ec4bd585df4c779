"""Enrollments at the registrar's desk."""

from enrollments.admin import records, student

__all__ = ["records", "student"]
