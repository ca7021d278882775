"""Titles and artists in the form that versions of one song share; any script.

Case, accents on Latin, Greek and Cyrillic letters, width, punctuation and spacing do not count. What says that a
recording is another *version* of a song is cut (Live, Remaster, Deluxe, feat., Radio Edit, Mono, Demo, Acoustic,
*Ao Vivo*, *ライブ* …), in brackets or behind a dash and only there: "Live Forever" stays whole. What makes it another
*recording* stays: remixes and edits by name, instrumentals, karaoke, sped up or slowed, reprises, parts, numbers.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

import polars as pl


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RECORDING = _words(
    "remix remixed rmx instrumental instrumentals karaoke sped slowed speed nightcore reprise cover covered medley"
    " mashup bootleg vip dub acapella cappella rework flip tribute part pt vol chapter"
)
_STRONG = re.compile(
    r"\b(?:re-?master\w*|remast[ée]ris\w*|deluxe|anniversary|unplugged|mono|stereo|expanded edition|special edition|"
    r"bonus track|hidden track|"
    r"re-?recorded|taylor's version|ao vivo|en vivo|en directo|dal vivo|en concert|en público|"
    r"mtv live)\b|ライ[ブヴ]|라이브|現場|现场"
)
_PLAIN = _words(
    "radio single album original extended full long short lp ep video edit edited version versión versione mix"
    " cut main studio digital alternate alternative take early film movie tv clean explicit demo demos outtake"
    " outtakes acoustic acústico acústica akustik bonus track session sessions rehearsal unreleased"
)
_FILLERS = _words("the a an in and of from length inch rec")
_AFTER_LIVE = _words(
    "at in from on version versión ver session sessions acoustic recording performance take mix edit bonus studio"
    " album concert im bei aus à au en dal al desde no na em fm tv bbc mtv kexp video acústico"
)
_BEFORE_LIVE = _words("recorded acoustic studio bbc session radio version original solo piano")
_NOT_GUESTS = _words("you me us him her them it my your our his a an the no out love u ya myself")
_GUEST = re.compile(r"(?:feat|ft|featuring|prod)\b|(?:produced by|duet with)\b|con \S|mit \S|avec \S")
_SOURCE = re.compile(r"(?:theme |music |song )?from\b|.*\bsoundtrack\b")

_BRACKETS = re.compile(r"\(([^()]*)\)")
_OPEN_GUEST = r"(\S) (?:feat|ft|featuring)\b(?:[^( ]| [^(-])*"  # up to a bracket or a dash: a remix may stand there
_DASH = r" [-–—‐~/|] ?|: (live\b)"
_SPACE = r"[^\S\x1c-\x1f]"  # what Polars takes for one; Python's \s has more
_SEVERAL = rf"(?i:[,;]{_SPACE}|{_SPACE}\(?(?:feat|ft|featuring)\b)"
_BEHIND_MAIN = rf"(.){_SPACE}*{_SEVERAL}(?s:.*)"
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_APOSTROPHES = str.maketrans("’´ʼ‘", 4 * "'")
_SPACES = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace() and not "\x1c" <= sign <= "\x1f")
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORTH_A_LOOK = (
    r"(?i)[ -](?:feat|ft)|[(\[【<{（［]| [-–—‐~/|]|: live",
    r"(?i)\b(?:live|feat|ft|prod|duet|con|mit|avec|with|from|soundtrack|re-?mast|re-?record|deluxe|annivers|unplugged|"
    r"mono|stereo|edition|vivo|directo|concert|público|mtv|taylor|(?:19|20)\d\d|radio|single|album|original|extended|full|"
    r"long|short|lp|ep|video|edit|vers|mix|cut|main|studio|digital|alternat|take|early|film|movie|tv|clean|explicit|demo|"
    r"outtake|acoustic|acústic|akustik|bonus|hidden|session|rehearsal|unreleased)|ライ[ブヴ]|라이브|現場|现场",
)  # what any title must hold to be cut: it spares most titles the slow look
_SAME = {
    "[": "(",
    "]": ")",
    "{": "(",
    "}": ")",
    "<": "(",
    ">": ")",
    "【": "(",
    "】": ")",
    "’": "'",
    "`": "'",
    "´": "'",
}

_FEW = 64
"""So many texts are changed one by one."""

_GENERIC_WORDS = (
    "intro introduction outro interlude skit prelude postlude overture opening ending finale epilogue prologue"
    " untitled track bonus hidden theme main title titles end credits instrumental interludio intermission pause"
    " silence allegro andante adagio largo presto vivace moderato allegretto andantino lento menuetto minuet"
    " menuet scherzo rondo aria recitativo chorus sarabande gigue gavotte allemande courante bourree fugue fuga"
    " toccata etude sonata nocturne ma non troppo con moto molto assai e poco i ii iii iv v vi vii viii ix x xi xii"
    " no nr op"
)
GENERIC_TITLE = rf"^(?:(?:{'|'.join(sorted(set(_GENERIC_WORDS.split())))}|\d+)(?: |$))+$"
"""What the keys of titles match that tell nothing: "Intro", "Untitled", "Allegro", "12"."""


@lru_cache(maxsize=200_000)
def is_version_mark(part: str) -> bool:
    """Tell whether a bracket's content or what follows a dash names a version of the song, in lower case.

    Examples
    --------
    >>> [is_version_mark(part) for part in ("live at wembley", "2011 remaster", "feat. drake", "radio edit")]
    [True, True, True, True]
    >>> [is_version_mark(part) for part in ("live and let die", "four tet remix", "instrumental", "pt. 2", "")]
    [False, False, False, False, False]
    """
    words = re.findall(r"[\w']+", part)
    if not words:
        return False
    if _GUEST.match(part) or (words[0] == "with" and len(words) > 1 and words[1] not in _NOT_GUESTS):
        return True
    if not _RECORDING.isdisjoint(words):
        return False
    if _YEAR.fullmatch(part) or _STRONG.search(part) or _SOURCE.match(part) or _is_live(words):
        return True
    told = [word for word in words if word not in _FILLERS and not word.isdecimal()]
    return bool(told) and all(word in _PLAIN for word in told)


def _is_live(words: list[str]) -> bool:
    if words[0].startswith("live") and (words[0] == "live" or not words[0].isascii()):
        return len(words) == 1 or words[1] in _AFTER_LIVE or words[1][0].isdecimal() or not words[0].isascii()
    return words[-1] == "live" and all(word in _BEFORE_LIVE or word.isdecimal() for word in words[:-1])


def without_version_marks(title: str) -> str:
    """Return a title without what names its version; whole where nothing else would be left.

    Parameters
    ----------
    title : str
        In lower case, all brackets round, all dashes as `` - ``.

    Examples
    --------
    >>> without_version_marks("heroes (live) - 2017 remaster"), without_version_marks("live forever")
    ('heroes', 'live forever')
    """
    bare = title
    if "(" in bare:
        bare = _BRACKETS.sub(lambda found: " " if is_version_mark(found[1].strip()) else found[0], bare)
    while True:
        head, _, tail = bare.rpartition(" - ")
        if not head.strip() or not is_version_mark(tail.strip()):
            return bare.strip() or title
        bare = head


def plain_text(texts: pl.Series) -> pl.Series:
    """Return texts in lower case without accents, punctuation, extra spaces; symbols stay if nothing else is there.

    Only combining marks of the European scripts go: in Thai, Hindi or Japanese a mark makes another letter.

    Examples
    --------
    >>> plain_text(pl.Series(["Don't  Stop!", "Ça ira", "Ёлка", "???"])).to_list()
    ['dont stop', 'ca ira', 'елка', '???']
    """
    if len(texts) <= _FEW:
        return _each(texts, _plain)
    lower = texts.str.to_lowercase().str.strip_chars()
    plain = _rewrite(
        lower,
        r"[^\x00-\x7f]",
        lambda some: (
            some.str.replace_many(["’", "´", "ʼ", "‘"], ["'", "'", "'", "'"])
            .str.normalize("NFKD")
            .str.replace_all(r"[\u0300-\u036f]", "")
            .str.replace_many(["ß", "ς"], ["ss", "σ"])
            .str.strip_chars()
        ),
    )
    plain = _rewrite(
        plain,
        r"[^a-z0-9 ]|  ",
        lambda some: (
            some.str.replace_many(["'", "`", "&"], ["", "", " and "])
            .str.replace_all(r"[^\p{L}\p{N}\p{M}]+", " ")
            .str.strip_chars()
        ),
    )
    return pl.select(pl.when(plain == "").then(lower).otherwise(plain)).to_series()


def _plain(text: str) -> str:
    """`plain_text` of one text."""
    lower = text.lower().strip(_SPACES)
    plain = unicodedata.normalize("NFKD", lower.translate(_APOSTROPHES))
    plain = _ACCENTS.sub("", plain).replace("ß", "ss").replace("ς", "σ")
    plain = plain.replace("'", "").replace("`", "").replace("&", " and ")
    words = "".join(sign if unicodedata.category(sign)[0] in "LNM" else " " for sign in plain).split()
    return " ".join(words) or lower


def _each(texts: pl.Series, change: Callable[[str], str]) -> pl.Series:
    """Change texts one by one: for a few, queries over a column take a hundred times as long."""
    return pl.Series([None if text is None else change(text) for text in texts], dtype=pl.String)


def may_hold(texts: pl.Series, plain: Sequence[str], *, every: bool = False) -> pl.Series:
    """Tell which texts may hold any of some plain texts (or every one) once they are plain; for few it is not so.

    It takes a fraction of the time of `plain_text`: who looks for rare texts need make only these plain.

    Examples
    --------
    >>> may_hold(pl.Series(["Don't Stop", "Stop, in the Name", "Go", None]), ["the name", "dont"]).to_list()
    [True, True, False, False]
    """
    lower = texts.str.to_lowercase()
    odd = (lower.str.len_bytes() != lower.str.len_chars()) | lower.str.contains_any(["'", "`", "&"])
    longest = list({max(text.split(" "), key=len) for text in plain})  # punctuation may stand between words
    if every:
        met = lower.to_frame("text").select(
            pl.all_horizontal(pl.col("text").str.contains(word, literal=True) for word in longest)
        )
        return (odd | met.to_series()).fill_null(False)
    return (odd | lower.str.contains_any(longest)).fill_null(False)


def _rewrite(texts: pl.Series, where: str, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Change only the texts that match: most need nothing, and the changes are dear."""
    rows = texts.str.contains(where).fill_null(False)
    return _replaced(texts, rows, change(texts.filter(rows))) if rows.any() else texts


def _replaced(texts: pl.Series, rows: pl.Series, values: pl.Series) -> pl.Series:
    return texts.clone().scatter(rows.arg_true(), values)  # scatter writes in place, hence the clone


def title_keys(titles: pl.Series) -> pl.Series:
    """Return the key that versions of one song share; null for a missing title.

    Examples
    --------
    >>> title_keys(pl.Series(["Heroes - 2017 Remaster", "HÉROES", "Song 2", "÷", None])).to_list()
    ['heroes', 'heroes', 'song 2', '÷', None]
    """
    parted = (titles.str.contains(_WORTH_A_LOOK[0]) & titles.str.contains(_WORTH_A_LOOK[1])).fill_null(False)
    if not parted.any():
        return plain_text(titles)
    long = titles.filter(parted).str.normalize("NFKC").str.to_lowercase()
    long = long.str.replace_many(list(_SAME), list(_SAME.values()))
    long = long.str.replace_all(_DASH, " - $1").str.replace(_OPEN_GUEST, "$1")
    cut = pl.Series([without_version_marks(title) for title in long.to_list()], dtype=pl.String)
    return plain_text(_replaced(titles, parted, cut))


def artist_keys(artists: pl.Series) -> pl.Series:
    """Return the key of main artists: without a leading "The", guests, and those named behind a comma.

    Examples
    --------
    >>> artist_keys(pl.Series(["The Beatles", "Beyoncé", "Drake feat. Rihanna", None])).to_list()
    ['beatles', 'beyonce', 'drake', None]
    """
    if len(artists) <= _FEW:
        return _each(artists, _artist_key)
    main = _rewrite(artists, _SEVERAL, lambda some: some.str.replace(_BEHIND_MAIN, "$1"))
    return plain_text(main).str.replace(r"^the (.)", "$1")


def _artist_key(artist: str) -> str:
    """`artist_keys` of one name."""
    return re.sub(r"^the (.)", r"\1", _plain(re.sub(_BEHIND_MAIN, r"\1", artist, count=1)))


def bare_ids(names: pl.Expr) -> pl.Expr:
    """Return which names are Spotify ids: 22 letters and digits, a digit and letters of both cases among them.

    Examples
    --------
    >>> names = pl.Series(["4tZwfgrHOc3mvqYlEYSvVi", "TheSoundOfTheOrchestra", "Abba"])
    >>> pl.select(bare_ids(pl.lit(names))).to_series().to_list()
    [True, False, False]
    """
    return pl.all_horizontal([names.str.contains(part) for part in ("^[0-9A-Za-z]{22}$", "[0-9]", "[A-Z]", "[a-z]")])
