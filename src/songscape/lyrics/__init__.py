"""Emotions from lyrics (extra ``songscape[lyrics]``): missing ones are filled in by a T5 classifier.

- `songscape.lyrics.filling` joins the steps: `fill_emotions`.
- `songscape.lyrics.table` tells which rows need an emotion, `songscape.lyrics.writing` writes them all.
- `songscape.lyrics.model` finds and loads a model, `songscape.lyrics.classifier` asks it.
- `songscape.lyrics.cache` keeps its answers, so that no text is asked twice.
"""

from songscape.lyrics.filling import FilledEmotions, fill_emotions

__all__ = ["FilledEmotions", "fill_emotions"]
