"""How long the rest of a build will take, from what its stages are known to cost and how fast it has been so far."""

from collections.abc import Mapping
from typing import NamedTuple

_TRUST = 0.04  # share of a whole build that what is known beforehand counts for, beside what was seen


class Cost(NamedTuple):
    """Seconds of a stage on two cores: fixed ones, those of a million tracks beside these, and how they grow."""

    fixed: float
    of_a_million: float
    exponent: float

    def seconds(self, n_tracks: int) -> float:
        """Return the seconds for so many tracks."""
        return float(self.fixed + self.of_a_million * (n_tracks / 1e6) ** self.exponent)


COSTS = {
    "read": Cost(0.2, 8.0, 1.0),
    "features": Cost(0.0, 4.0, 1.0),
    "neighbors": Cost(0.1, 27.0, 1.4),
    "embedding": Cost(0.2, 24.0, 1.05),
    "clustering": Cost(0.0, 2.6, 1.15),
    "groups": Cost(0.1, 33.0, 1.25),
    "evaluation": Cost(0.5, 67.0, 0.9),
    "save": Cost(5.0, 36.0, 0.95),
}
"""In their order, as measured from 20 000 to 5 000 000 tracks; only the shares count once a build is on its way."""

_SURVEY, _PLACE = Cost(0.2, 20.0, 1.0), Cost(0.5, 90.0, 1.0)


def of_one_piece(n_tracks: int) -> dict[str, float]:
    """Return the seconds that each stage of a build in one piece is expected to take, in their order."""
    return {stage: cost.seconds(n_tracks) for stage, cost in COSTS.items()}


def of_parts(n_tracks: int, n_fitted: int) -> dict[str, float]:
    """Return the same for a build in parts, whose model is fitted on some of the songs."""
    model = of_one_piece(min(n_fitted, n_tracks))
    del model["read"]
    return {"survey": _SURVEY.seconds(n_tracks), **model, "place": _PLACE.seconds(n_tracks)}


class Remaining:
    """What is left of a build.

    Parameters
    ----------
    expected : mapping of str to float
        Seconds that each stage is expected to take, > 0, in the order of stages.

    Examples
    --------
    >>> left = Remaining({"read": 10.0, "save": 30.0})
    >>> left.report("read", 1.0)
    >>> round(left.seconds(20.0))  # twice as slow as expected so far
    56
    >>> left.report("save", 1.0)
    >>> left.share, left.seconds(70.0)
    (1.0, 0.0)
    """

    def __init__(self, expected: Mapping[str, float]) -> None:
        self._expected = dict(expected)
        self._done: dict[str, float] = {}

    def report(self, stage: str, fraction: float) -> None:
        """Note how far a stage is. Those before it are over, and count for nothing if they never began."""
        if stage not in self._expected:
            return
        for earlier in list(self._expected):
            if earlier == stage:
                break
            if earlier in self._done:
                self._done[earlier] = 1.0
            else:
                del self._expected[earlier]
        self._done[stage] = max(self._done.get(stage, 0.0), fraction)

    @property
    def share(self) -> float:
        """How much of the work is done, in [0, 1]."""
        total = sum(self._expected.values())
        return sum(self._expected[stage] * done for stage, done in self._done.items()) / total if total else 1.0

    def seconds(self, elapsed: float) -> float:
        """Return how many seconds are left after so many."""
        total = sum(self._expected.values())
        slower = (elapsed + _TRUST * total) / ((self.share + _TRUST) * total) if total else 0.0
        return (1.0 - self.share) * total * slower


def in_words(seconds: float) -> str:
    """Return about how long something takes.

    Examples
    --------
    >>> in_words(4.0), in_words(47.0), in_words(200.0), in_words(9000.0)
    ('a few seconds left', 'about 50 s left', 'about 3 min left', 'about 2.5 h left')
    """
    if seconds < 7.5:
        return "a few seconds left"
    if seconds < 95.0:
        return f"about {max(10, round(seconds / 10.0) * 10)} s left"
    return f"about {round(seconds / 60.0)} min left" if seconds < 5400.0 else f"about {seconds / 3600.0:.1f} h left"
