"""Texts of a catalog that are found at once."""

import numpy as np
import polars as pl


class Keys:
    """Texts that are found by their hashes, in order: to compare with all of a large catalog takes milliseconds.

    Parameters
    ----------
    texts : polars.Series
        Of strings; null for none.

    Examples
    --------
    >>> Keys(pl.Series(["creep", None, "creep"])).rows_of("creep")
    [0, 2]
    """

    def __init__(self, texts: pl.Series) -> None:
        self.texts = texts.cast(pl.String)
        hashes = self.texts.hash().to_numpy()
        self._order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[self._order]

    def rows_of(self, text: str | None) -> list[int]:
        """Return the rows with a text, ascending."""
        if text is None:
            return []
        wanted = pl.Series([text], dtype=pl.String).hash()[0]
        first, end = (int(np.searchsorted(self._hashes, np.uint64(wanted), side)) for side in ("left", "right"))
        return [row for row in self._order[first:end].tolist() if self.texts[row] == text]
