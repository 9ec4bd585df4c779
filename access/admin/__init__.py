"""Clients, their keys, and who has seen whose record, at the registrar's desk."""

from access.admin import clients, disclosures, keys, records

__all__ = ["clients", "disclosures", "keys", "records"]
