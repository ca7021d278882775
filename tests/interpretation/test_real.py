"""Cards of real songs: floors that any cut of a real catalog must reach, beside a permuted null."""

import numpy as np
import pytest

from songscape.catalog import read_catalog
from songscape.features import scale_features


@pytest.mark.realdata
def test_cards_of_real_songs_and_of_their_permuted_labels(tools, data_folder):
    catalog = read_catalog(data_folder / "light_spotify_dataset.csv")
    songs = catalog.tracks.filter("is_representative").sample(6000, seed=0)
    X = scale_features(songs).X
    labels = tools.cells_of(X, 12)
    cards = tools.cards_of(labels, songs, X)
    assert len({card.name for card in cards}) == 12
    # An emotion, a genre or a decade that was not in the metric; 7 to 10 names have one, from sample to sample.
    assert sum(" · " in card.name for card in cards) >= 6
    assert sum(card.rule is not None and card.rule.f1 > 0.5 for card in cards) >= 9
    assert "artifact" not in {card.verdict for card in cards}
    shuffled = tools.cards_of(np.random.default_rng(0).permutation(labels), songs, X)
    assert sum(len(card.over) for card in shuffled) <= 3
    assert sum(card.rule is not None for card in shuffled) <= 2
    assert {card.verdict for card in shuffled} <= {"blurred", "fragment"}
    assert {card.name.rstrip(" 0123456789").partition(",")[0] for card in shuffled} == {"Middle of the road"}
