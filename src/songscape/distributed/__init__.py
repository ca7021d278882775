"""Tens of millions of tracks: the same stages over partitions, on Dask (extra ``songscape[dask]``).

- `songscape.distributed.building` joins the steps: `build_partitioned`.
- `songscape.distributed.partition` is what a worker does with one partition: read and clean, draw, place.
- `songscape.distributed.totals` is what partitions tell of themselves, in a form that can be added up.
- `songscape.distributed.dataset` writes the result to the disk; `songscape.parts` reads it.
- `songscape.distributed.reporting` is the report of all parts: `write_parts_report`.

No step moves rows between partitions. See ``docs/scaling.md``.
"""
