"""Texts of a catalog that are found at once."""

import numpy as np
import polars as pl


class Keys:
    """Texts that are found by their hashes: to compare with all texts of a large catalog takes milliseconds.

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
        self._hashes = self.texts.hash().to_numpy()

    def rows_of(self, text: str | None) -> list[int]:
        """Return the rows with a text, ascending."""
        alike = self._hashes == pl.Series([text], dtype=pl.String).hash()[0]
        return [row for row in np.flatnonzero(alike).tolist() if text is not None and self.texts[row] == text]
