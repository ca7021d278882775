"""Artists that are not artists: collective names, labels of a data source, ids that stand where a name belongs."""

import polars as pl

from songscape.titles import bare_ids

RULES = (
    ("a collective name", r"(?i)^(various|various artists?|v\.?/?a\.?|unknown( artists?)?|\[?unknown\]?|anonymous"
     r"|traditional|no artist|artista desconocido|varios artistas|verschiedene( interpreten)?|artistes? divers)$"),
    ("a translation site", r"(?i)\b(translations?|traducciones|traductions|traduções|traduzioni|übersetzungen"
     r"|tłumaczenia|çeviri(ler)?)\b|переводы|翻訳|번역"),
    ("a cast or a soundtrack", r"(?i)\b(original|motion picture|broadway|film|movie)\b.*\b(cast|soundtrack)\b"
     r"|^(original )?soundtrack$"),
    ("karaoke or tribute", r"(?i)\b(karaoke|tribute (to|band|players)|made famous by|in the style of)\b"),
    ("an id, 22 letters and digits", r"^[0-9A-Za-z]{22}$"),
    ("an id, digits only", r"^[0-9]{5,}$"),
    ("one to four digits: an id, or a band called so", r"^[0-9]{1,4}$"),
    ("no letter or digit in it", r"^[^\p{L}\p{N}]*$"),
)  # fmt: skip
"""What a name is taken for, and the pattern; the first that fits counts."""


def doubtful_artists(names: pl.Series) -> pl.DataFrame:
    """Return names that are hardly artists, with the reason and the number of tracks, the most frequent first.

    A Spotify id is 22 letters and digits with at least one digit and letters of both cases.

    Parameters
    ----------
    names : polars.Series of text
        Main artist of each track.

    Returns
    -------
    polars.DataFrame
        ``artist``, ``reason``, ``tracks``.

    Examples
    --------
    >>> doubtful_artists(pl.Series(["Various Artists", "Nina Simone", "4tZwfgrHOc3mvqYlEYSvVi"])).rows()
    [('4tZwfgrHOc3mvqYlEYSvVi', 'an id, 22 letters and digits', 1), ('Various Artists', 'a collective name', 1)]
    """
    counts = names.rename("artist").drop_nulls().value_counts(name="tracks")
    text = pl.col("artist").str.strip_chars()
    reason = pl.lit(None, dtype=pl.String)
    for words, pattern in reversed(RULES):
        fits = text.str.contains(pattern)
        if pattern.endswith("{22}$"):
            fits = bare_ids(text)
        reason = pl.when(fits).then(pl.lit(words)).otherwise(reason)
    found = counts.with_columns(reason.alias("reason")).drop_nulls("reason")
    return found.select("artist", "reason", "tracks").sort("tracks", "artist", descending=[True, False])
