"""Import, export and class lists at the registrar's desk."""

from transfer.admin import class_lists, exports, facts, imports

__all__ = ["class_lists", "exports", "facts", "imports"]
