"""How similar candidates for a playlist are to each other, in sound and in tags."""

import numpy as np

from songscape.playlist.songs import Songs
from songscape.types import Float64, Int64


class Similarity:
    """How similar candidates are to one of them, in [0, 1]."""

    def __init__(self, songs: Songs, numbers: Int64) -> None:
        self.X = songs.X[numbers].astype(np.float64)
        sample = self.X[:: max(1, len(numbers) // 100)]
        squares = ((sample[:, None] - sample) ** 2).sum(axis=2)
        self.unit = float(np.median(squares)) or 1.0
        tags = songs.tags
        lengths = np.diff(tags.indptr)[numbers]
        self.start = np.concatenate([[0], np.cumsum(lengths)])
        entries = np.repeat(tags.indptr[numbers] - self.start[:-1], lengths) + np.arange(self.start[-1])
        self.ids, self.weights = tags.ids[entries], tags.weights[entries].astype(np.float64)
        self.own = np.zeros(len(tags.names) + 1)

    def to(self, i: int) -> Float64:
        """Return the similarity of all candidates to the i-th."""
        squares = ((self.X - self.X[i]) ** 2).sum(axis=1)
        mine = slice(self.start[i], self.start[i + 1])
        self.own[self.ids[mine]] = self.weights[mine]
        sums = np.concatenate([[0.0], np.cumsum(self.weights * self.own[self.ids])])
        self.own[self.ids[mine]] = 0.0
        cosines: Float64 = sums[self.start[1:]] - sums[self.start[:-1]]
        similar: Float64 = 0.5 * cosines + 0.5 * np.exp(-squares / self.unit)
        return similar
