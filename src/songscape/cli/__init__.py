"""The command line: one command per public function, ``songscape build``, ``evaluate`` and ``synth``."""

from songscape.cli.app import app, main

__all__ = ["app", "main"]
