"""Facts: short ones beside their labels, long ones as lines."""

import pytest

from songscape.report.facts import parts_of, view_facts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [""]),
        ("one", ["one"]),
        ("one; two", ["one", "two"]),
        ("a (b; c); [d; e]; f", ["a (b; c)", "[d; e]", "f"]),
        ("unopened); more", ["unopened)", "more"]),
        ("unclosed (; more", ["unclosed (; more"]),
        (";;", [""]),
    ],
)
def test_parts_between_semicolons(text, parts):
    assert parts_of(text) == parts


def test_short_facts_stay_whole():
    view = view_facts([["a", "x; y"], ["b", None], ["c", 3]])
    assert view.first == [("a", ["x; y"]), ("b", ["–"]), ("c", ["3"])]
    assert not view.long
    assert view.folded == []
    assert view_facts([]) is view_facts(None) is None


def test_one_fact_alone_is_not_folded():
    long = "a sentence that is longer than a short fact may be; and more"
    assert len(view_facts([["a", long]] * 6).folded) == 0
    view = view_facts([["a", long]] * 7)
    assert (len(view.first), len(view.folded)) == (5, 2)
    assert view.height > view_facts([["a", "x"]] * 5).height
