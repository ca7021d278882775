"""Plain data as TOML text: Python reads it and does not write it."""

import json
from typing import Any


def toml_lines(path: tuple[str, ...], table: dict[str, Any]) -> list[str]:
    """Return the lines of a table: plain values first, since in TOML a value after a table's head belongs to that."""
    lines = ["", "[" + ".".join(_key(key) for key in path) + "]"] if path else []
    for key, value in table.items():
        if value is not None and not isinstance(value, dict):
            lines.append(f"{_key(str(key))} = {_value(value)}")
    for key, value in table.items():
        if isinstance(value, dict):
            lines += toml_lines((*path, str(key)), value)
    return lines


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if bare else _value(key)


def _value(value: bool | int | float | str | list[Any] | tuple[Any, ...]) -> str:
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML's strings are JSON's but for DEL
