"""Playlists: a request becomes candidates, a selection, a sequence and an explanation; each stage a pure function.

The unit is the *song*: a version family, one row here, so that no playlist holds one song twice.
"""
