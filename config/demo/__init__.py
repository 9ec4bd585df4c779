"""The demo record: everything that the published samples name, and more at wish.

It is loaded into an empty registry, and loading it again changes nothing.
"""

from config.demo.generated import TABLES
from config.demo.loading import load

__all__ = ["TABLES", "load"]
