"""Tasks and lanes at the desk."""

from tasks.admin import board, failures, lane, records

__all__ = ["board", "failures", "lane", "records"]
