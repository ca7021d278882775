"""What is in a catalog: the tracks table → the plain data of the exploratory report."""

from songscape.exploration.findings import LIMIT as N_FINDINGS
from songscape.exploration.page import explore

__all__ = ["N_FINDINGS", "explore"]
