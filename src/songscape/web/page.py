"""The page's files → one HTML file, or the same page for the server.

The page is plain HTML, a style sheet and ES modules that import each other by name, ``import { a } from "./b.js";``;
one of them, ``twgl.js``, is a library as its makers publish it, with its license beside it. For the offline file the
modules are joined, dependencies first: each becomes a function that is called once and returns what it exports, and
an import takes names out of such a result. Scripts and styles are allowed by their hashes alone.
"""

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from songscape.web.printable import to_printable

_STYLE = '<link rel="stylesheet" href="style.css">'
_SCRIPT = '<script type="module" src="main.js"></script>'
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([\w-]+)\.js";$', re.MULTILINE)
_EXPORTS = re.compile(r"^export \{ ([\w$, ]+) \};$", re.MULTILINE)
_RENAMED = re.compile(r"([\w$]+) as ([\w$]+)")
_EXPORT = re.compile(r"^export ((?:async )?(?:function\*?|const|class) (\w+))", re.MULTILINE)

LIVE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The content security policy that a server sends with the page."""


@cache
def static_files() -> dict[str, bytes]:
    """Return the style sheet and the modules by name: all files that the page asks a server for."""
    folder = files("songscape.web") / "static"
    found = {item.name: item.read_bytes() for item in folder.iterdir() if item.name.endswith((".js", ".css"))}
    return dict(sorted(found.items()))


def live_page() -> str:
    """Return the page for a server, which gives it `static_files` and data under relative addresses."""
    return (files("songscape.web") / "static" / "index.html").read_text(encoding="utf-8")


def offline_page(parts: dict[str, bytes]) -> str:
    """Return the page with everything inside.

    Parameters
    ----------
    parts : dict of str to bytes
        Data by name, packed with deflate. The page finds them as elements ``songscape-NAME``; it begins to work when
        the first one is there.

    Returns
    -------
    str
        HTML whose policy forbids every request and every script and style but its own.

    Raises
    ------
    ValueError
        If the page's own files do not fit together.
    """
    style, script = static_files()["style.css"].decode(), joined_modules("main.js")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    first, *others = (
        f'<script type="application/octet-stream" id="songscape-{name}" data-bytes="{len(part)}">'
        f"{to_printable(part)}</script>\n"
        for name, part in parts.items()
    )
    run = f'<script type="module" async>{script}</script>\n'  # as soon as the first part is there
    page = _put(live_page(), '<meta charset="utf-8">', f'<meta charset="utf-8">\n{meta}')
    page = _put(page, _STYLE, f"<style>{style}</style>")
    page = _put(page, _SCRIPT, "")
    return _put(page, "</body>", "".join([first, run, *others, "</body>"]))


def joined_modules(*names: str) -> str:
    """Return modules and all that they need as one script, each after those that it imports from."""
    texts: dict[str, str] = {}
    for name in names:
        _join(name, texts, ())
    return "".join(texts.values())


def _join(name: str, texts: dict[str, str], above: tuple[str, ...]) -> None:
    if name in above:
        raise ValueError(f"Modules of the page import each other in a circle: {' → '.join((*above, name))}.")
    if name in texts:
        return
    source = static_files()[name].decode()
    for _, needed in _IMPORT.findall(source):
        _join(f"{needed}.js", texts, (*above, name))
    listed = [_RENAMED.sub(r"\2: \1", names) for names in _EXPORTS.findall(source)]
    exported = ", ".join([*(found for _, found in _EXPORT.findall(source)), *listed])
    body = _EXPORTS.sub("", _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = module_\2;", source)))
    body = body.replace("</script", r"<\/script")  # in a text or a comment: there it means the same
    if re.search(r"^(?:import|export)\b", body, re.MULTILINE):
        raise ValueError(f"'{name}' cannot be joined: it imports or exports in another way than by name.")
    texts[name] = f"const module_{name.removesuffix('.js')} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"


def _put(page: str, place: str, text: str) -> str:
    if page.count(place) != 1:
        raise ValueError(f"The page must hold {place!r} once.")
    return page.replace(place, text)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
