"""How similar candidates for a playlist are to each other, in sound and in tags."""

import numpy as np

from songscape.playlist.songs import Songs, entries_of
from songscape.types import Float32, Int64


class Similarity:
    """How similar candidates are to one of them, in [0, 1]."""

    def __init__(self, songs: Songs, numbers: Int64) -> None:
        self.X = songs.X[numbers]
        self.norms = np.einsum("ij,ij->i", self.X, self.X)
        sample = self.X[:: max(1, len(numbers) // 100)]
        squares = ((sample[:, None] - sample) ** 2).sum(axis=2)
        self.unit = np.float32(float(np.median(squares)) or 1.0)
        tags = songs.tags
        indptr, entries = entries_of(tags.indptr, numbers)
        self.start, self.ends = indptr[:-1], indptr[1:]
        self.has_tags = self.start < self.ends
        self.ids = np.append(tags.ids[entries], len(tags.names))  # one more, where rows without tags may start
        self.weights = np.append(tags.weights[entries], np.float32(0.0))
        self.own = np.zeros(len(tags.names) + 1, np.float32)

    def to(self, i: int) -> Float32:
        """Return the similarity of all candidates to the i-th."""
        squares = self.norms + self.norms[i] - np.float32(2.0) * np.einsum("ij,j->i", self.X, self.X[i])
        mine = slice(self.start[i], self.ends[i])
        self.own[self.ids[mine]] = self.weights[mine]
        cosines = np.add.reduceat(self.weights * self.own[self.ids], self.start)
        self.own[self.ids[mine]] = 0.0
        near = np.exp(-np.maximum(squares, np.float32(0.0)) / self.unit)
        similar: Float32 = np.float32(0.5) * (np.where(self.has_tags, cosines, np.float32(0.0)) + near)
        return similar
