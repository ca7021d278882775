"""Numba kernels: arrays and scalars in, arrays out; no tables, files, logging or messages.

Kernels assume the preconditions that their docstrings state; the stages above them check.
"""
