"""A partitioned atlas, read and asked without ever being loaded as a whole; reading it needs no Dask.

- `songscape.parts.dataset` is the result on the disk: the manifest, `scan_parts`.
- `songscape.parts.table` walks the tracks of all parts in batches.
- `songscape.parts.names` looks up what a request names.
- `songscape.parts.looks` and `asking` tell how near a track comes to a request, `shortlist` keeps the nearest.
- `songscape.parts.library` makes a small catalog of them, `record` asks it: `open_parts`.
"""
