"""The kinds of figures: each module draws plain data of its kind, tells it in a sentence, and lists its numbers."""
