"""Ctrl-C before any single step of the interpreter, while a block is being entered."""

import contextlib
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import ModuleType


def interrupted_at(step: int, module: ModuleType, block: Callable[[], AbstractContextManager[object]]) -> bool:
    """Enter a block of a module with an interruption before the given step; False if it was entered before that."""
    steps = 0

    def trace(frame, event, _):
        nonlocal steps
        if frame.f_code.co_filename not in (module.__file__, contextlib.__file__):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            steps += 1
            if steps == step:
                sys.settrace(None)
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    try:
        sys.settrace(trace)
        with block():
            sys.settrace(before)
            return False
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
