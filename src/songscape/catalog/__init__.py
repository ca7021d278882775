"""From any file or table to a clean catalog."""

from songscape.catalog.reading import read_catalog
from songscape.catalog.record import Catalog

__all__ = ["Catalog", "read_catalog"]
