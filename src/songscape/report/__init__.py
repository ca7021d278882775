"""Plain data → figures → one HTML file. Nothing about music is computed here."""

from songscape.report.page import render_page, write_page

__all__ = ["render_page", "write_page"]
