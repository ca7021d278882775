"""Which setting of a sweep to take, by a rule that looks at no labels.

Agreement with genre, emotion and decade is shown beside the recommendation and stays a test:
a parameter that was chosen to agree with labels proves nothing by agreeing with them. The rule:

1. Settings with an error, with fewer than two groups, or with a group of more than half of the songs are out.
2. Four criteria count, all better when higher: the silhouette in features above its null, times coverage;
   coverage; trustworthiness; continuity.
3. A setting that another one beats or equals in all four, and beats in one, is out: what is left is the Pareto
   front.
4. Of the front the setting is taken whose largest shortfall is smallest. A shortfall is the distance to the best
   value of a criterion in shares of the range that the criterion has over the grid, and at least of `TELLING`, so
   that differences that tell nothing do not decide. Ties go to the setting nearest to the base, then to the first.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

CRITERIA = ("silhouette_gain", "coverage", "trustworthiness", "continuity")
"""What the recommendation looks at."""
TELLING = 0.01
"""The least range of a criterion in which shortfalls are measured."""
MAX_LARGEST = 0.5
"""The most songs, as a share, that one group of a recommended setting may hold."""


def recommend(rows: Sequence[Mapping[str, Any]], changes: Sequence[int]) -> tuple[int | None, str]:
    """Choose a setting by the rule at the head of this module.

    Parameters
    ----------
    rows : sequence of dict
        Scores by setting: the `CRITERIA`, ``n_groups`` and ``largest``, or ``error``.
    changes : sequence of int
        How many parameters of each setting differ from the base.

    Returns
    -------
    int or None, str
        The row, and why.

    Examples
    --------
    >>> row = {"n_groups": 5, "largest": 0.3, "coverage": 0.6, "trustworthiness": 0.9, "continuity": 0.9}
    >>> recommend([row | {"silhouette_gain": 0.1}, row | {"silhouette_gain": 0.2}], [0, 1])[0]
    1
    """
    fit = [i for i, row in enumerate(rows) if _qualifies(row)]
    if not fit:
        return None, (
            "No setting qualifies: each has an error, fewer than two groups, or a group of more than half of the"
            " songs."
        )
    values = np.array([[rows[i][name] for name in CRITERIA] for i in fit], dtype=np.float64)
    front = [
        place
        for place, mine in enumerate(values)
        if not ((values >= mine).all(axis=1) & (values > mine).any(axis=1)).any()
    ]
    spans = np.maximum(values.max(axis=0) - values.min(axis=0), TELLING)
    shortfalls = (values.max(axis=0) - values) / spans
    best = min(front, key=lambda place: (round(float(shortfalls[place].max()), 6), changes[fit[place]], fit[place]))
    worst = int(shortfalls[best].argmax())
    names = [name.replace("_", " ") for name in CRITERIA]
    why = f"its largest shortfall is the smallest: {shortfalls[best, worst]:.0%} of the range in {names[worst]}"
    if shortfalls[best, worst] == 0.0:
        why = "it is the best in all four"
    reason = (
        f"Setting {fit[best] + 1} of {len(rows)}: no setting is better in one of {', '.join(names)} without being"
        f" worse in another ({len(front)} of {len(fit)} settings can say that), and {why}."
        " No label was looked at; agreement with genre, emotion and decade is a test, not a target."
    )
    return fit[best], reason


def _qualifies(row: Mapping[str, Any]) -> bool:
    if row.get("error") is not None or row["n_groups"] < 2 or row["largest"] > MAX_LARGEST:
        return False
    return all(row[name] is not None for name in CRITERIA)
