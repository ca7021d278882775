"""What every playlist file comes down to: items in order, and the few rules about ids and texts that all share."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from songscape.errors import InputError

Extra = str | int | float | bool | None
"""A value of an extra column."""

SPOTIFY_ID = (
    r"(?:spotify:track:|(?:https?://)?open\.spotify\.com/(?:intl-[\w-]+/)?(?:embed/)?track/)([0-9A-Za-z]{22})\b"
)
"""A Spotify URI or link of a track; its group is the id."""

_BARE_ID = re.compile(r"[0-9A-Za-z]{22}")
_LINK = re.compile(SPOTIFY_ID)
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")
_HALVES = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class PlaylistItem:
    """One track of a playlist file. Empty texts, None and () mean unknown.

    Attributes
    ----------
    title, album : str
    artists : tuple of str
        The main artist first.
    id : str or None
        Id in the catalog; of a track of Spotify the 22 characters, without ``spotify:track:``.
    duration : float or None
        Seconds.
    year : int or None
    uri : str or None
        Where the track lies, if that is known and does not follow from `id`: a path, a link.
    explicit : bool or None
    extra : mapping of str to str, number, bool or None
        Further columns, such as the price of a transition.
    """

    title: str = ""
    artists: tuple[str, ...] = ()
    id: str | None = None
    album: str = ""
    duration: float | None = None
    year: int | None = None
    uri: str | None = None
    explicit: bool | None = None
    extra: Mapping[str, Extra] = field(default_factory=dict)

    @property
    def artist(self) -> str:
        """All artists in one text."""
        return ", ".join(self.artists)

    @property
    def line(self) -> str:
        """``Artist - Title`` in one line; only one of them where the other is unknown.

        Examples
        --------
        >>> PlaylistItem("Heroes", ("David Bowie",)).line
        'David Bowie - Heroes'
        """
        return " - ".join(part for part in (one_line(self.artist), one_line(self.title)) if part)

    @property
    def spotify_uri(self) -> str | None:
        """``spotify:track:…`` where the id is one of Spotify's."""
        return f"spotify:track:{self.id}" if self.id and _BARE_ID.fullmatch(self.id) else None

    @property
    def spotify_link(self) -> str | None:
        """``https://open.spotify.com/track/…`` where the id is one of Spotify's."""
        return f"https://open.spotify.com/track/{self.id}" if self.spotify_uri else None


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be used: its line or place from 1, why, and its text."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class PlaylistFile:
    """What a playlist file holds.

    Attributes
    ----------
    items : tuple of PlaylistItem
        In order.
    name, creator, note : str
        Empty where the file does not say.
    rejects : tuple of Reject
        Rows set aside while reading; never written.
    """

    items: tuple[PlaylistItem, ...]
    name: str = ""
    creator: str = ""
    note: str = ""
    rejects: tuple[Reject, ...] = ()


def spotify_id(text: str) -> str | None:
    """Return the id in a Spotify URI or link of a track, or None.

    Examples
    --------
    >>> spotify_id("https://open.spotify.com/intl-de/track/6rqhFgbbKwnb9MLmUQDhG6?si=1")
    '6rqhFgbbKwnb9MLmUQDhG6'
    >>> spotify_id("spotify:album:6rqhFgbbKwnb9MLmUQDhG6") is None
    True
    """
    found = _LINK.match(text.strip())
    return found[1] if found else None


def id_and_uri(text: str) -> tuple[str | None, str | None]:
    """Return (id, None) for a Spotify track, else (None, the text), or (None, None) for an empty one."""
    found = spotify_id(text)
    return (found, None) if found else (None, text.strip() or None)


def one_line(text: str) -> str:
    r"""Return a text without line breaks, control characters and repeated spaces; half characters become U+FFFD.

    Examples
    --------
    >>> one_line("a\tb\r\n c")
    'a b c'
    """
    return _HALVES.sub("\ufffd", _BREAKS.sub(" ", text)).strip()


def without_halves(text: str) -> str:
    """Return a text that UTF-8 can hold: half a surrogate pair, which broken JSON may contain, becomes U+FFFD."""
    return _HALVES.sub("\ufffd", text)


def split_line(line: str) -> tuple[str, tuple[str, ...]]:
    """Return title and artists of ``Artist - Title``, divided at the first dash between spaces.

    Examples
    --------
    >>> split_line("David Bowie – Heroes"), split_line("Heroes")
    (('Heroes', ('David Bowie',)), ('Heroes', ()))
    """
    parts = re.split(r"\s[-–—]\s", line.strip(), maxsplit=1)
    if len(parts) == 1:
        return parts[0].strip(), ()
    return parts[1].strip(), (parts[0].strip(),)


def whole_number(value: object) -> int | None:
    """Return a value as an int where it is a finite number or the text of one."""
    known = real_number(value)
    return None if known is None else round(known)


def real_number(value: object) -> float | None:
    """Return a value as a float where it is a finite number or the text of one, else None."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        known = float(value)
    except (ValueError, OverflowError):
        return None
    return known if math.isfinite(known) else None


def positive(value: object) -> float | None:
    """Return a value as a float above 0, else None."""
    known = real_number(value)
    return known if known is not None and known > 0 else None


def text_of(value: object) -> str:
    """Return a text as it stands, a number as text, and an empty text for anything else."""
    if isinstance(value, str):
        return without_halves(value)
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def artists_of(value: object) -> tuple[str, ...]:
    """Return a list of texts, or one text, as artists; empty ones are left out."""
    names: Iterable[object] = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(name for name in (text_of(one).strip() for one in names) if name)


def extra_of(value: object) -> dict[str, Extra]:
    """Return the flat values of a JSON object."""
    if not isinstance(value, dict):
        return {}
    plain = {str(key): one for key, one in value.items() if one is None or isinstance(one, (str, int, float, bool))}
    return {without_halves(key): text_of(one) if isinstance(one, str) else one for key, one in plain.items()}


def is_empty(item: PlaylistItem) -> bool:
    """Tell whether an item names no track at all."""
    return not (item.title or item.id or item.uri)


def sorted_out(
    found: Iterable[tuple[int, PlaylistItem | None, str]], what: str
) -> tuple[tuple[PlaylistItem, ...], tuple[Reject, ...]]:
    """Divide (line, item, text) into items and rejects: an item that is None or names no track is a reject."""
    items: list[PlaylistItem] = []
    rejects: list[Reject] = []
    for line, item, text in found:
        if item is None or is_empty(item):
            rejects.append(Reject(line, what, text[:200]))
        else:
            items.append(item)
    return tuple(items), tuple(rejects)


def none_found(name: str, kind: str, rejects: tuple[Reject, ...] = ()) -> InputError:
    """Return the error of a file without one usable track."""
    told = f" All {len(rejects)} rows were unusable; line {rejects[0].line}: {rejects[0].reason}." if rejects else ""
    return InputError(f"'{name}' ({kind}) holds no tracks.{told} A playlist file needs at least one track.")
