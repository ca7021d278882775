"""Songscape: an atlas of a music catalog."""

__version__ = "0.1.0"
