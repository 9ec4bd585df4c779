"""Tasks and lanes at the desk."""

from tasks.admin import board, dashboard, failures, lane, records

__all__ = ["board", "dashboard", "failures", "lane", "records"]
