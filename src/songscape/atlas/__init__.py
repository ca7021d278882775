"""The atlas: runs the stages, keeps their results, saves and loads them.

- `songscape.atlas.build` joins the stages: `build_atlas`, `evaluate`.
- `songscape.atlas.record` is the result: `Atlas`, its `save`, `load_atlas`. It needs no kernels, so it loads fast.
- `songscape.atlas.archive` and `songscape.atlas.folder` write the same bytes every time, and a folder in one step.
"""
