"""Write ``docs/cli.md``, ``docs/api.md``, the words of ``docs/groups.md``: ``make docs``. A test keeps them true."""

import inspect
import re
from pathlib import Path
from typing import Any

import songscape
from songscape.cli.app import commands
from songscape.config import Config
from songscape.interpretation import Card
from songscape.interpretation.columns import UNITS
from songscape.interpretation.words import COMPARATIVES, EMOTIONS, NOTHING, meanings
from songscape.types import (
    ArtistDiscount,
    Clustering,
    CondensedTree,
    FeatureMatrix,
    Groups,
    GroupScale,
    LinkageTree,
    NeighborGraph,
    SpanningTree,
)

DOCS = Path(__file__).parent
RECORDS = (
    FeatureMatrix, ArtistDiscount, NeighborGraph, Clustering, SpanningTree, LinkageTree, CondensedTree, Groups,
    GroupScale, Card,
)  # fmt: skip
WORDS = ("<!-- words: written by docs/generate.py from the code -->", "<!-- end of words -->")
NOTE = "<!-- Written by docs/generate.py from the code; change it there, then `make docs`. -->"


def cli_page() -> str:
    """Return the page on the command line: every command with its arguments and flags."""
    lines = ["# Command line", "", NOTE, "", "Every command is the twin of a function in `songscape`."]
    lines += ["Defaults < TOML file < flags. A wrong value, file or folder is one message and exit code 2;"]
    lines += ["Ctrl-C is exit code 130 and leaves nothing half-written behind.", ""]
    for name, command in sorted(commands().items()):
        lines += [f"## songscape {name}", "", command.help or "", "", "```", usage(name, command), "```", ""]
        panels: dict[str, list[str]] = {}
        for parameter in command.params:
            if not getattr(parameter, "hidden", False):
                panel = getattr(parameter, "rich_help_panel", None) or "Options"
                panels.setdefault(panel, []).append(row(parameter))
        for panel, rows in panels.items():
            lines += [f"### {panel}", "", "| flag | meaning |", "| --- | --- |"]
            lines += [*rows, ""]
    lines += ["## The TOML file", "", "All parameters with their defaults, as `--config` reads them:", ""]
    return "\n".join([*lines, "```toml", *toml_lines(), "```", ""])


def toml_lines() -> list[str]:
    """Return the default config as TOML; parameters without a value of their own stand as comments."""
    lines: list[str] = []
    for line in Config().to_toml().strip().splitlines():
        lines.append(line)
        section = Config.model_fields.get(line.strip("[]"))
        fields = getattr(section.annotation, "model_fields", {}) if section and line.startswith("[") else {}
        for name, field in fields.items():
            if field.default is None:
                meaning = field.description.partition("None: ")[2].rstrip(".")
                lines.append(f"# {name} =   # default: {meaning}")
    return lines


def usage(name: str, command: Any) -> str:
    """Return the line of use, as in ``songscape build SOURCE... [OPTIONS]``."""
    arguments = [
        (parameter.metavar or parameter.name.upper()) + ("..." if parameter.nargs == -1 else "")
        for parameter in command.params
        if parameter.param_type_name == "argument"
    ]
    return " ".join(["songscape", name, *arguments, "[OPTIONS]"])


def row(parameter: Any) -> str:
    """Return a table row for one argument or flag."""
    if parameter.param_type_name == "argument":
        flag = parameter.metavar or parameter.name.upper()
    else:
        flag = ", ".join(sorted(parameter.opts, key=len))
        flag += f" {parameter.metavar}" if parameter.metavar else ""
    meaning = parameter.help or ""
    if parameter.default not in (None, False, []) and "default:" not in meaning:
        meaning += f" (default: {parameter.default})"
    return f"| `{escaped(flag)}` | {escaped(meaning)} |"


def escaped(text: str) -> str:
    """Return text that may stand in a table cell."""
    return text.replace("|", "\\|").replace("\n", " ")


def api_page() -> str:
    """Return the page on the public names: signature and docstring of each."""
    lines = ["# Python", "", NOTE, "", "The public names, all importable from `songscape`.", ""]
    for name in songscape.__all__:
        lines += entry(name, getattr(songscape, name))
    lines += ["# Records", "", "What stages hand over, from `songscape.types` and `songscape.interpretation`.", ""]
    for record in RECORDS:
        lines += entry(record.__name__, record)
    return "\n".join(lines)


def groups_page() -> str:
    """Return the page on groups with the glossary of names written anew."""
    page = (DOCS / "groups.md").read_text(encoding="utf-8")
    head, _, rest = page.partition(WORDS[0])
    _, _, tail = rest.partition(WORDS[1])
    return "\n".join([head + WORDS[0], "", *glossary(), "", WORDS[1]]) + tail


def glossary() -> list[str]:
    """Return what makes each word of a name, as tables."""
    lines = ["| word | its songs have, against the rest | and a median of | weight |", "| --- | --- | --- | --- |"]
    for word, feature, side, bound, beyond, weight in meanings():
        more = "more" if side == ">" else "less"
        unit = f" {UNITS[feature]}" if UNITS[feature] else ""
        ends = f"{told(bound)}{unit} {'or more' if side == '>' else 'or less'}"
        if beyond is not None:
            ends += f", {'below' if side == '>' else 'above'} {told(beyond)}{unit}"
        lines.append(f"| {word} | {more} {feature} | {ends} | {weight:g} |")
    sides = [(name, COMPARATIVES[name, ">"], COMPARATIVES[name, "<"]) for name, side in COMPARATIVES if side == ">"]
    pairs = [f"{more} / {less} ({name})" for name, more, less in sides]
    emotions = [f"{word} ({emotion})" for emotion, word in EMOTIONS.items()]
    return [
        *lines, "", f"Comparatives, against the groups of the same name: {', '.join(pairs)}.", "",
        f"Emotions: {', '.join(emotions)}. Nothing sets it apart: {NOTHING}.",
    ]  # fmt: skip


def told(bound: float) -> str:
    """Return a bound with a real minus sign."""
    return f"{bound:g}".replace("-", "−")


def entry(name: str, value: Any) -> list[str]:
    """Return the section on one name."""
    lines = [f"## {name}", "", "```text", described(name, value), "```", ""]
    return lines + methods(value) if inspect.isclass(value) else lines


def described(name: str, value: Any) -> str:
    """Return signature and docstring."""
    doc = inspect.getdoc(value) or ""
    return f"{name}{signature(value)}\n\n{doc}" if signature(value) else doc


def signature(value: Any) -> str:
    """Return the signature without the module names of its types."""
    if inspect.isclass(value) and issubclass(value, Exception):
        return ""
    text = str(inspect.signature(value)).replace("songscape.", "").replace("'", "")
    return re.sub(r"<function (\w+) at 0x[0-9a-f]+>", r"\1", text)


def methods(value: type) -> list[str]:
    """Return a line for each public method of a class that is defined in Songscape."""
    found = []
    for name, member in inspect.getmembers(value):
        if name.startswith("_") or name.startswith("model_") or not getattr(member, "__doc__", None):
            continue
        module = getattr(member, "__module__", None) or getattr(getattr(member, "fget", None), "__module__", "")
        if module.startswith("songscape") and not isinstance(member, type):
            summary = (inspect.getdoc(member) or "").splitlines()[0]
            found.append(f"- `{name}`: {summary}")
    return [*found, ""] if found else []


if __name__ == "__main__":
    (DOCS / "cli.md").write_text(cli_page(), encoding="utf-8")
    (DOCS / "api.md").write_text(api_page(), encoding="utf-8")
    (DOCS / "groups.md").write_text(groups_page(), encoding="utf-8")
