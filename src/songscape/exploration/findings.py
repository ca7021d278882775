"""Which ten sentences matter: a stated rule instead of taste.

Every look at the catalog offers candidates with a weight in [0, 1] that means, by kind:

- *make-up*: how far a share is from an even split: (share − 1/k) / (1 − 1/k) for the largest of k categories;
- *relation*: the strength of an association: ∣Spearman∣, the corrected correlation ratio or Cramér's V; a Cohen's d
  counts as the point-biserial correlation that it amounts to;
- *change*: ∣Spearman∣ of a feature with the year, or by how much a share rose or fell;
- *trouble*: the share of the tracks that it touches.

The three pictures (emotions, genres, popularity) always have their sentence. The other places go to the weightiest:
at most `LIMIT` in all, `PER_KIND` of a kind, one for each subject. They are told in the order of their weights.
"""

from songscape.exploration.plain import Finding

LIMIT = 10
PER_KIND = 3
LEAST = 0.01
"""Weight below which a sentence is not worth saying."""

RULE = (
    "The findings are ranked by a number between 0 and 1: for the make-up of the catalog how far a share is from an"
    " even split, for relations the strength of the association, for changes the rank correlation with the year or"
    " the rise of a share, for trouble the share of the tracks that it touches. Emotions, genres and popularity"
    " always have a sentence; of the rest the weightiest are told, at most three of a kind, and one for each subject."
)


def ranked(candidates: list[Finding], limit: int = LIMIT) -> list[Finding]:
    """Return the findings to show, the weightiest first, at most `limit`; ties in the order of the page.

    Examples
    --------
    >>> few = [Finding("trouble", "genre", 0.2, "A."), Finding("relation", "energy", 0.7, "B.")]
    >>> [finding.text for finding in ranked(few)]
    ['B.', 'A.']
    """
    chosen: list[Finding] = []
    for finding in sorted(candidates, key=lambda one: (not one.always, -one.weight)):
        of_kind = sum(one.kind == finding.kind for one in chosen)
        new = all(one.subject != finding.subject for one in chosen)
        worth = finding.always or finding.weight >= LEAST
        if worth and new and of_kind < PER_KIND and len(chosen) < limit:
            chosen.append(finding)
    return sorted(chosen, key=lambda one: -one.weight)
