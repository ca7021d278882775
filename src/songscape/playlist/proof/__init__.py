"""Proof of use: how well real playlists are continued, by our score and by its rivals; pure functions of arrays."""
