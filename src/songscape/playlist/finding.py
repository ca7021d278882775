"""Finding what a person names: a track, an artist, a group; exactly if possible, else by the nearest name.

A track is looked for by these, in this order; the first that finds one decides:

1. ``row:123``, its row in the table, from 0;
2. its id, or a Spotify URI or link with it;
3. ``Artist - Title``, ``Title - Artist``, ``Title by Artist``, where case, accents, punctuation and guests do not
   count and any of the track's artists will do: first with the title as it stands, then as a version of the song;
4. its title alone, where only one song has it;
5. the nearest name by edit distance, where it is near and no other song is about as near.

Of several versions of one song the most popular is taken. Several songs of that name are an error that lists them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import polars as pl

from songscape.errors import NotFoundError
from songscape.playlist.fuzzy import Texts, similarity
from songscape.playlist.keys import Keys
from songscape.titles import artist_keys, plain_text, title_keys

How = Literal["row", "id", "name", "title", "fuzzy"]

_LINK = re.compile(r"(?:spotify:track:|https?://open\.spotify\.com/(?:[\w-]+/)?track/)(\w+)")
_DASH = re.compile(r"\s+[-–—]\s+")
_BY = re.compile(r"\s+by\s+", re.IGNORECASE)
_SEVERAL = re.compile(r"\s*(?:[,;&/]|\band\b|\bx\b|\bfeat\b\.?|\bft\b\.?|\bfeaturing\b)\s*", re.IGNORECASE)
_NEAR = 0.8  # a name less alike is only suggested
_PART_NEAR = 0.7  # the same for its title and its artist, each by itself
_MARGIN = 0.04  # nor is one taken that another song's name is about as like
_RELATED = 0.5  # a name less alike is not even suggested
_MAX_LENGTH = 500
_CONSIDERED = 40  # names that may be the nearest


@dataclass(frozen=True, slots=True)
class Found:
    """A track that was found: its row, how, and how certain it is, in [0, 1]; 1 unless ``fuzzy``."""

    row: int
    how: How
    certainty: float


@dataclass(frozen=True, slots=True)
class FoundName:
    """An artist that was found: the name as the catalog writes it, and how certain it is, in [0, 1]."""

    name: str
    certainty: float


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """A group that was found: scale, number there, name, and how certain it is, in [0, 1]."""

    scale: str
    number: int
    name: str
    certainty: float


class Finder:
    """Finds tracks and artists of a table by name; what it needs is prepared at the first use.

    Parameters
    ----------
    tracks : polars.DataFrame
        A catalog's tracks: ``id``, ``title``, ``artists`` are needed; ``version_family``, ``is_representative``,
        ``year``, ``album``, ``popularity`` are used where they are there.
    numbers : sequence of int, optional
        What each row is called in messages, where the table is a part of another one; its place by default.

    Examples
    --------
    >>> names = {"title": ["Creep", "Blue"], "artists": [["Radiohead"], ["Joni Mitchell"]]}
    >>> tracks = pl.DataFrame({"id": ["x1", "x2"], **names})
    >>> Finder(tracks).track("radiohed - creep").row
    0
    """

    def __init__(self, tracks: pl.DataFrame, numbers: Sequence[int] | None = None) -> None:
        absent = {"version_family": pl.int_range(pl.len(), dtype=pl.Int32), "popularity": pl.lit(None, pl.Float64)}
        absent |= {name: pl.lit(None, pl.String) for name in ("year", "album")}
        kept = ("id", "title", "artists", "version_family", "popularity", "year", "album")
        self._numbers = range(tracks.height) if numbers is None else numbers
        self._tracks = tracks.with_columns(
            **{name: value for name, value in absent.items() if name not in tracks.columns}
        ).select(kept)

    def track(self, text: str) -> Found:
        """Find the track that a text names; see the head of this module.

        Raises
        ------
        NotFoundError
            If no track has the name, or several songs have it; with up to five suggestions.
        """
        return self.exactly(text) or self._nearest(one_line(text))

    def exactly(self, text: str) -> Found | None:
        """Find the track that has a row, an id or a name; None if only the nearest name is left to be looked for."""
        asked = one_line(text)
        if asked.lower().startswith("row:"):
            return self._by_row(asked)
        return self._by_id(asked) or self._by_name(asked) or self._by_title(asked)

    def artist(self, text: str) -> FoundName:
        """Find the artist that a text names; raises as `track`."""
        wanted = artist_keys(pl.Series([text], dtype=pl.String))[0]
        names, keys, texts = self._artist_names
        same = keys.index_of(wanted) if wanted else None
        if same is not None:
            return FoundName(names[same], 1.0)
        near = texts.nearest(wanted or "", 5)
        if near and near[0][1] >= _NEAR and (len(near) == 1 or near[0][1] - near[1][1] >= _MARGIN):
            return FoundName(names[near[0][0]], near[0][1])
        raise _not_found("artist", text, [names[place] for place, sure in near if sure >= _RELATED])

    def _by_row(self, asked: str) -> Found:
        return Found(row_in(asked, self._tracks.height), "row", 1.0)

    def _by_id(self, asked: str) -> Found | None:
        wanted = id_in(asked)
        rows = self._ids.rows_of(wanted)
        if rows:
            return Found(self._most_popular(rows), "id", 1.0)
        if wanted != asked:
            raise NotFoundError(f"The catalog has no track with the id '{wanted}'.")
        return None

    def _by_name(self, asked: str) -> Found | None:
        pairs = [pair for artist, title in splits(asked) for pair in ((artist, title), (title, artist))]
        for titles, keyed in self._titles():
            for artist, title in pairs:
                rows = titles.rows_of(keyed(pl.Series([title], dtype=pl.String))[0])
                rows = self._by_artist(rows, artist)
                if rows:
                    return self._one_song(asked, rows, "name")
        return None

    def _by_title(self, asked: str) -> Found | None:
        for titles, keyed in self._titles():
            rows = titles.rows_of(keyed(pl.Series([asked], dtype=pl.String))[0])
            if rows:
                return self._one_song(asked, rows, "title")
        return None

    def _nearest(self, asked: str) -> Found:
        near = self.nearest_names(asked)
        songs = self._tracks["version_family"].gather([row for row, _ in near]).to_list()
        best: dict[int, list[tuple[int, float]]] = {}
        for song, pair in zip(songs, near, strict=True):
            best.setdefault(song, []).append(pair)
        ranked = sorted((pairs for pairs in best.values()), key=lambda pairs: -pairs[0][1])
        if ranked and ranked[0][0][1] >= _NEAR and self._parts_alike(asked, ranked[0][0][0]):
            top = ranked[0][0][1]
            if len(ranked) == 1 or top - ranked[1][0][1] >= _MARGIN:
                return Found(self._most_popular([row for row, sure in ranked[0] if sure == top]), "fuzzy", top)
        related = [row for (row, sure), *_ in ranked[:5] if sure >= _RELATED or self._is_related(asked, row)]
        raise _not_found("track", asked, [self.name(row) for row in related or self._hits_of(asked)])

    def nearest_names(self, asked: str) -> list[tuple[int, float]]:
        """Return the rows of the tracks whose names are nearest to a text, with their similarity in [0, 1]."""
        parts = [plain_text(pl.Series([f"{artist} {title}", f"{title} {artist}"])) for artist, title in splits(asked)]
        orders = [order for pair in parts for order in pair.to_list()]
        query = plain_text(pl.Series([asked])).item()
        return self._texts.nearest(query, _CONSIDERED, orders)

    def _parts_alike(self, asked: str, row: int) -> bool:
        """Tell whether title and artist are each alike: a long name of an artist makes no other title right."""
        own = plain_text(pl.Series([", ".join(self._artists(row)), self._tracks["title"][row] or ""])).to_list()
        pairs = [plain_text(pl.Series(pair)).to_list() for pair in splits(asked)]
        orders = [order for pair in pairs for order in (pair, pair[::-1])]
        return not orders or any(
            min(similarity(one, other) for one, other in zip(order, own, strict=True)) >= _PART_NEAR
            for order in orders
        )

    def _is_related(self, asked: str, row: int) -> bool:
        """Tell whether a text, or one side of its dash, is like the title or the artist: worth a suggestion."""
        own = pl.Series([", ".join(self._artists(row)), self._tracks["title"][row]], dtype=pl.String)
        parts = pl.Series([asked, *(part for pair in splits(asked) for part in pair)], dtype=pl.String)
        return any(
            similarity(part, name) >= _PART_NEAR
            for part in filter(None, plain_text(parts).to_list())
            for name in filter(None, plain_text(own).to_list())
        )

    def _hits_of(self, asked: str) -> list[int]:
        """Return the most popular tracks of artists whose names begin with these words: the title is missing."""
        names, keys, _ = self._artist_names
        wanted = artist_keys(pl.Series([asked])).item()
        meant = pl.Series(names).filter((keys == wanted) | keys.str.starts_with(f"{wanted} "))
        owners = self._tracks.select(pl.int_range(pl.len()).alias("row"), "artists").explode("artists")
        rows = owners.filter(pl.col("artists").is_in(meant.implode()))["row"].unique(maintain_order=True).to_list()
        return sorted(rows, key=lambda row: (-self._popularity(row), row))[:5]

    def _one_song(self, asked: str, rows: list[int], how: How) -> Found:
        songs = dict.fromkeys(self._tracks["version_family"].gather(rows).to_list())
        if len(songs) == 1:
            return Found(self._most_popular(rows), how, 1.0)
        kept = sorted(rows, key=lambda row: (-self._popularity(row), row))[:5]
        lines = "".join(f"\n  row:{self._numbers[row]}  {self.told(row)}" for row in kept)
        more = f"\n  … and {len(rows) - 5} more" if len(rows) > 5 else ""
        message = f"'{asked}' names {len(songs)} songs. Name one by its artist or its row:{lines}{more}"
        raise NotFoundError(message, [f"row:{self._numbers[row]}" for row in kept])

    def _titles(self) -> Iterator[tuple[Keys, Callable[[pl.Series], pl.Series]]]:
        """Yield the titles as they stand, then as keys of versions, which take longer to make."""
        yield self._plain_titles, plain_text
        yield self._title_keys, title_keys

    def _by_artist(self, rows: list[int], artist: str) -> list[int]:
        """Return the rows of an artist, or of several that are named together and all took part."""
        if not rows:
            return []
        listed = [self._artists(row) for row in rows]
        owners = [at for at, own in enumerate(listed) for _ in own]
        keys = artist_keys(pl.Series([name for own in listed for name in own], dtype=pl.String)).to_list()
        wholes = plain_text(pl.Series([" ".join(own) for own in listed], dtype=pl.String)).to_list()
        asked, *parts = artist_keys(pl.Series([artist, *_SEVERAL.split(artist)], dtype=pl.String)).to_list()
        whole = plain_text(pl.Series([artist], dtype=pl.String)).item()
        known: list[set[str | None]] = [set() for _ in rows]
        for at, key in zip(owners, keys, strict=True):
            known[at].add(key)
        return [
            row
            for row, own, joined in zip(rows, known, wholes, strict=True)
            if asked in own or whole == joined or (own and own.issuperset(parts))
        ]

    def _artists(self, row: int) -> list[str]:
        listed = self._tracks["artists"][row]
        return [] if listed is None else [name for name in listed.to_list() if name]

    def _popularity(self, row: int) -> float:
        value = self._tracks["popularity"][row]
        return -1.0 if value is None else float(value)

    def _most_popular(self, rows: Sequence[int]) -> int:
        return max(rows, key=lambda row: (self._popularity(row), -row))

    def name(self, row: int) -> str:
        """Return ``Artist - Title`` of a track."""
        artists = ", ".join(self._artists(row))
        return f"{artists or 'unknown artist'} - {self._tracks['title'][row] or 'untitled'}"

    def told(self, row: int) -> str:
        """Return the name of a track with its year, album and popularity, as far as they are known."""
        year, album = self._tracks["year"][row], self._tracks["album"][row]
        popularity = self._popularity(row)
        known = [str(part) for part in (year, album) if part is not None]
        known += [f"popularity {popularity:.0f}"] if popularity >= 0 else []
        return self.name(row) + (f" ({', '.join(known)})" if known else "")

    @cached_property
    def _ids(self) -> Keys:
        return Keys(self._tracks["id"])

    @cached_property
    def _plain_titles(self) -> Keys:
        return Keys(plain_text(self._tracks["title"]))

    @cached_property
    def _title_keys(self) -> Keys:
        return Keys(title_keys(self._tracks["title"]))

    @cached_property
    def _texts(self) -> Texts:
        artists = plain_text(self._tracks["artists"].list.join(" ", ignore_nulls=True))
        both = pl.select(pl.concat_str(artists.fill_null(""), self._plain_titles.texts, separator=" ")).to_series()
        return Texts(both.str.strip_chars())

    @cached_property
    def _artist_names(self) -> tuple[list[str], pl.Series, Texts]:
        """The most frequent spelling of each artist's name, the most frequent first, with keys and their texts."""
        names = self._tracks["artists"].explode().drop_nulls().alias("name")
        counted = names.value_counts(sort=True).sort(["count", "name"], descending=[True, False])
        counted = counted.with_columns(key=artist_keys(counted["name"])).unique(
            "key", keep="first", maintain_order=True
        )
        return counted["name"].to_list(), counted["key"], Texts(counted["key"])


def find_group(cards: Mapping[str, Sequence[Mapping[str, Any]]], text: str) -> FoundGroup:
    """Find a group by name, by scale and number (``coarse:3``), or by scale and name (``coarse:Quiet folk``).

    Of equal names at several scales the first scale of `cards` counts: the coarsest.

    Parameters
    ----------
    cards : dict of str to list of dict
        For each scale the cards of its groups, with ``number`` and ``name``.
    text : str
        What was asked for.

    Raises
    ------
    NotFoundError
        If there is no such group; with up to five suggestions.

    Examples
    --------
    >>> find_group({"coarse": [{"number": 0, "name": "Quiet folk"}]}, "coarse:0").name
    'Quiet folk'
    """
    head, colon, tail = (part.strip() for part in text.partition(":"))
    scale = head.lower() if colon and head.lower() in cards else ""
    groups = [
        FoundGroup(name, int(card["number"]), str(card["name"]), 1.0)
        for name, several in cards.items()
        if name == scale or not scale
        for card in several
    ]
    if scale and tail.removeprefix("-").isdecimal():
        for group in groups:
            if group.number == int(tail):
                return group
        raise NotFoundError(f"There is no group '{text}'. The scale {scale} has groups 0 to {len(groups) - 1}.")
    groups = list({group.name: group for group in reversed(groups)}.values())[::-1]
    keys = plain_text(pl.Series([group.name for group in groups], dtype=pl.String))
    wanted = plain_text(pl.Series([tail if scale else text], dtype=pl.String)).item()
    same = keys.index_of(wanted)
    if same is not None:
        return groups[same]
    near = Texts(keys).nearest(wanted, 5)
    if near and near[0][1] >= _NEAR and (len(near) == 1 or near[0][1] - near[1][1] >= _MARGIN):
        group = groups[near[0][0]]
        return FoundGroup(group.scale, group.number, group.name, near[0][1])
    raise _not_found("group", text, [f"{groups[place].scale}:{groups[place].name}" for place, _ in near])


def one_line(text: str) -> str:
    """Return a text with single spaces; raises `NotFoundError` if it is none that could name a track."""
    asked = " ".join(text.encode("utf-8", "replace").decode().split())
    if not asked or len(asked) > _MAX_LENGTH:
        raise NotFoundError(f"A track is named by 1 to {_MAX_LENGTH} letters. Got {len(asked)}.")
    return asked


def row_in(asked: str, n_rows: int) -> int:
    """Return the row that ``row:123`` names; raises `NotFoundError` if there is none such."""
    number = asked[4:].strip()
    if number.isascii() and number.isdecimal() and int(number) < n_rows:
        return int(number)
    raise NotFoundError(f"There is no row '{number}'. Rows go from 0 to {n_rows - 1}.")


def id_in(asked: str) -> str:
    """Return the id in a link or URI, else the text itself."""
    link = _LINK.match(asked)
    return link[1] if link else asked


def titles_in(asked: str) -> list[str]:
    """Return the parts of a text that may be a title: the whole, and what stands on either side of a dash."""
    return [asked, *(part for pair in splits(asked) for part in pair)]


def splits(asked: str) -> Iterator[tuple[str, str]]:
    """Yield each way to part a text in two at a dash, then as (artist, title) at a “by”."""
    for found in _DASH.finditer(asked):
        yield asked[: found.start()], asked[found.end() :]
    for found in _BY.finditer(asked):
        yield asked[found.end() :], asked[: found.start()]


def _not_found(what: str, asked: str, suggestions: Sequence[str]) -> NotFoundError:
    told = list(dict.fromkeys(suggestions))
    if not told:
        return NotFoundError(f"The catalog has no {what} '{asked}', nor a name near to it. Check the spelling.")
    *firsts, last = (f"'{one}'" for one in told)
    hint = f"{', '.join(firsts)} or {last}" if firsts else last
    return NotFoundError(f"The catalog has no {what} '{asked}'. Did you mean {hint}?", told)
