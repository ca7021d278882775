"""More tracks than memory holds: the same stages over partitions, in this process or on Dask (``songscape[dask]``).

- `songscape.distributed.building` joins the steps: `build_partitioned`.
- `songscape.distributed.planning` chooses the sizes of sample and blocks by the memory that there is.
- `songscape.distributed.engines` does the tasks: here, one after the other, or by workers.
- `songscape.distributed.partition` is what is done with one partition: read and clean, draw, place.
- `songscape.distributed.totals` is what partitions tell of themselves, in a form that can be added up.
- `songscape.distributed.dataset` writes the result to the disk; `songscape.parts` reads it.
- `songscape.distributed.reporting` is the report of all parts: `write_parts_report`.

No step moves rows between partitions. See ``docs/scaling.md``.
"""
