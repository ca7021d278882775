"""What a model says of one text."""

from typing import NamedTuple


class Answer(NamedTuple):
    """An emotion.

    Attributes
    ----------
    label : str
        One of the labels that were asked for.
    score : float
        Its share of the likelihood of all these labels, in [0, 1].
    is_cut : bool
        Whether the text was longer than what is read of it.
    """

    label: str
    score: float
    is_cut: bool
