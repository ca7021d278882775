"""The section of a report that says how far groups and map may be trusted, made of scores alone."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from songscape.wording import counted, percent

Plain = dict[str, Any]

_DRAWN = 60  # the most groups that a silhouette plot shows
_NAMED = 12  # torn groups and false gaps that are listed
_JACCARD_NOTE = (
    "From 0.75 a group counts as stable, as far as groups of permuted columns do not come back as well: what they"
    " reach is the method's steadiness."
)
LEAD = (
    "In parentheses stands the null of a score, the same number where there is nothing to find; ± is half of a 95 %"
    " interval, and a score without one is exact. Groups of real audio features are cut out of a continuum:"
    " silhouettes are low, and what counts is whether they lie above their null, and come back."
)


def quality_section(
    scores: Plain,
    *,
    prices: dict[str, list[Plain]] | None = None,
    stability: Plain | None = None,
    names: Mapping[str, Sequence[str]] | None = None,
    colors: Mapping[str, Mapping[int, int]] | None = None,
) -> Plain:
    """Return the section on quality: scores of all partitions, silhouettes, trust, tears, hubs, stability.

    Parameters
    ----------
    scores : dict
        As `songscape.evaluate` returns it, with what `songscape.atlas.quality` found under ``quality``.
    prices : dict of str to list of dict, optional
        For each scale what each coverage costs, as `songscape.atlas.grouping.coverage_prices` returns it.
    stability : dict, optional
        As `stability_scores` returns it.
    names : dict of str to sequence of str, optional
        Names of the groups by scale; numbers where there are none.
    colors : dict of str to dict of int to int, optional
        Places in the palette of the groups' colors, by scale; in turn where there are none.

    Returns
    -------
    dict
        ``id``, ``title``, ``lead``, ``items``, as `songscape.report` renders them.
    """
    scales = same_scales(scores)
    partitions = {kind: scores["quality"]["partitions"][kind] for kind in scales}
    named = names or {}
    items = [score_table(scores)]
    items += [
        _silhouette_item(kind, found, named.get(kind), silhouette_null(scores, kind), (colors or {}).get(kind))
        for kind, found in partitions.items()
        if _is_drawn(found)
    ]
    if prices:
        items.append(_coverage_item(prices))
    items.append(_trust_item(scores["quality"]["local_trust"]))
    items += [item for kind, found in partitions.items() if (item := tears_item(kind, found, named.get(kind)))]
    items.append(_hubness_item(scores["quality"]["hubness"]))
    if stability:
        items += stability_items(stability)
    return {"id": "quality", "title": "How far to trust it", "lead": LEAD, "items": items}


def same_scales(scores: Plain) -> dict[str, list[str]]:
    """Return the partitions that differ, each with the names of those that are the same groups.

    Where a catalog has fewer groups than a scale asks for, the next finer scale has the same.

    Examples
    --------
    >>> part = {"n_groups": 2}
    >>> same_scales({"quality": {"partitions": {"clusters": part, "coarse": part, "middle": part, "fine": {}}}})
    {'clusters': ['clusters'], 'coarse': ['coarse', 'middle'], 'fine': ['fine']}
    """
    partitions = scores["quality"]["partitions"]
    found: dict[str, list[str]] = {}
    for kind, part in partitions.items():
        first = next((other for other in found if other != "clusters" and partitions[other] == part), kind)
        found.setdefault(first, []).append(kind)
    return found


def _item(
    number: str,
    title: str,
    note: str,
    *,
    figure: Plain | None = None,
    table: Plain | None = None,
    facts: list[list[str]] | None = None,
) -> Plain:
    return {"id": number, "title": title, "note": note, "figure": figure, "table": table, "facts": facts}


def told(value: float | None, null: float | None = None, half: float | None = None) -> str:
    """Return a score in words, with its interval and its null.

    Examples
    --------
    >>> told(0.0712, 0.00001, 0.0021)
    '0.071 ± 0.002 (0.000)'
    >>> told(None)
    '–'
    """
    if value is None:
        return "–"
    spread = f" ± {half:.3f}" if half else ""
    beside = f" ({_signed(null)})" if null is not None else ""
    return f"{_signed(value)}{spread}{beside}"


def _signed(value: float) -> str:
    text = f"{value:.3f}"
    return text.removeprefix("-") if float(text) == 0.0 else text.replace("-", "−")


def told_estimate(found: Plain | None, null: Plain | None = None) -> str:
    """Return a plain estimate in words, beside the value of its null."""
    if found is None or found["value"] is None:
        return "–"
    half = None if found["high"] is None else (found["high"] - found["low"]) / 2.0
    return told(found["value"], null["value"] if null else None, half)


def partition_rows(scores: Plain) -> list[list[str]]:
    """Return one row a score, one cell a partition that differs: what is printed and what a report shows."""
    partitions = {kind: scores["quality"]["partitions"][kind] for kind in same_scales(scores)}
    parts = list(partitions.values())
    nulls = [silhouette_null(scores, kind) for kind in partitions]
    silhouettes = [told(part["silhouette_features"], null) for part, null in zip(parts, nulls, strict=True)]
    kinds = list(dict.fromkeys(kind for part in parts for kind in part["agreement"]))
    rows = [
        ["groups", *(str(part["n_groups"]) for part in parts)],
        ["share of songs in a group", *(_percent(part["coverage"]) for part in parts)],
        ["largest group", *(_percent(part["largest"]) for part in parts)],
        ["silhouette in features", *silhouettes],
        ["silhouette on the map", *(told(part["silhouette_map"], part["silhouette_map_null"]) for part in parts)],
    ]
    for space, words in (("features", "in features"), ("map", "on the map")):
        cells = (told_estimate(part[f"dbcv_{space}"], part[f"dbcv_{space}_null"]) for part in parts)
        rows.append([f"density validity {words}", *cells])
    for kind in kinds:
        cells = (_told_agreement(part["agreement"].get(kind)) for part in parts)
        rows.append([f"agreement with {kind} (AMI)", *cells])
    whole = (told(part["wholeness"], part["wholeness_null"]["value"]) for part in parts)
    rows.append(["in one piece on the map", *whole])
    rows.append(["torn groups", *(str(len(part["torn"])) for part in parts)])
    rows.append(["false gaps", *(str(part["n_false_gaps"]) for part in parts)])
    return rows


def silhouette_null(scores: Plain, kind: str) -> float | None:
    """Return the silhouette in features of permuted labels, of a partition that was scored with the others."""
    found: float | None = scores["groups"].get(kind, scores)["silhouette_features_null"]
    return found


def _told_agreement(found: Plain | None) -> str:
    return "–" if found is None else told_estimate(found["ami"], found["ami_null"])


def _percent(share: float | None) -> str:
    return "–" if share is None else percent(share)


def score_table(scores: Plain) -> Plain:
    """Return the item with all scores of all partitions, side by side."""
    columns = ["score", *(" = ".join(same) for same in same_scales(scores).values())]
    table = {"columns": columns, "rows": partition_rows(scores), "align": "l" + "r" * (len(columns) - 1)}
    note = (
        "Genre, emotion and decade took no part in the metric. Scores of partitions of different coverage do not"
        " compare: easy songs alone score higher."
    )
    return _item("quality-scores", "Clusters and groups side by side", note, table=table)


def _is_drawn(found: Plain) -> bool:
    return any(group["silhouette_quantiles"] for group in found["groups"])


def _silhouette_item(
    kind: str,
    found: Plain,
    names: Sequence[str] | None,
    null: float | None,
    colors: Mapping[int, int] | None,
) -> Plain:
    shown = [group for group in found["groups"] if group["silhouette_quantiles"]][:_DRAWN]
    groups = [
        {
            "name": _name(group["group"], names),
            "size": group["songs"],
            "mean": _rounded(group["silhouette_features"]),
            "quantiles": group["silhouette_quantiles"],
        }
        | ({"color": colors[group["group"]]} if colors and group["group"] in colors else {})
        for group in shown
    ]
    overall = _rounded(found["silhouette_features"])
    figure = {"kind": "silhouette", "groups": groups, "overall": overall, "null": _rounded(null)}
    more = len(found["groups"]) - len(shown)
    note = "Songs of each group from the best placed to the worst; below 0 a song lies nearer to another group."
    note += f" The {len(shown)} largest; {more} more are left out." if more > 0 else ""
    return _item(f"quality-silhouette-{kind}", f"Silhouettes in features: {kind}", note, figure=figure)


def _coverage_item(prices: dict[str, list[Plain]]) -> Plain:
    """Return the curves of what coverage costs, a panel for each scale."""
    panels = [
        {"title": scale, "figure": {"kind": "lines", "x": x, "series": series, "xlabel": "coverage", "ylabel": ""}}
        for scale, x, series in ((scale, *_curves(rows)) for scale, rows in prices.items())
        if series
    ]
    note = (
        "Groups of fewer songs look better: the songs that lie between groups are left out first. So a score says"
        " something only beside its coverage, and that is a choice (--coverage). Purity is the share of songs that"
        " have the most frequent genre of their group; its null has genres dealt out anew."
    )
    if not panels:
        return _item("quality-coverage", "What coverage costs", "There are too few groups to say.")
    figure = {"kind": "panels", "panels": panels}
    return _item("quality-coverage", "What coverage costs", note, figure=figure)


def _curves(rows: list[Plain]) -> tuple[list[float], list[Plain]]:
    """Return the coverages, and the scores that are known at all of them."""
    names = {"silhouette": "silhouette", "purity": "purity of genres", "purity_null": "purity, null"}
    series = [
        {"name": words, "values": [_rounded(row[name]) for row in rows], "low": None, "high": None}
        for name, words in names.items()
        if all(row[name] is not None for row in rows)
    ]
    return [row["coverage"] for row in rows], series


def _trust_item(local: Plain) -> Plain:
    title = "Trust of the map, song by song"
    note = (
        "Trust: are a song's neighbors on the map its neighbors in features? Continuity: the other way round. 1 is"
        " perfect, songs placed at random score about 0.5."
    )
    if not local["k"]:
        return _item("quality-trust", title, "There are too few songs for a neighborhood.")
    boxes = [[_rounded(value) for value in local[f"{name}_quantiles"]] for name in ("trust", "continuity")]
    facts = [
        ["neighbors looked at", str(local["k"])],
        ["mean trust", told(local["trust"], local["null"])],
        ["mean continuity", told(local["continuity"], local["null"])],
        [f"songs with a trust below {local['poor']:.2f}", _percent(local["trust_poor_share"])],
        [f"songs with a continuity below {local['poor']:.2f}", _percent(local["continuity_poor_share"])],
    ]
    figure = {"kind": "boxes", "labels": ["trust", "continuity"], "boxes": boxes, "xlabel": "score"}
    return _item("quality-trust", title, note, figure=figure, facts=facts)


def tears_item(kind: str, found: Plain, names: Sequence[str] | None) -> Plain | None:
    """Return what the map tears apart, gaps that it only pretends, and a verdict; None where there is neither."""
    rows: list[list[Any]] = []
    torn = sorted(found["torn"], key=lambda one: (-one["songs"] * (1.0 - one["islands"][0]), one["group"]))
    for one in torn[:_NAMED]:
        islands = " + ".join(_percent(share) for share in one["islands"])
        rows.append(["torn", _called(kind, one["group"], names), "", f"islands of {islands}"])
    for gap in found["false_gaps"][:_NAMED]:
        pair = [_called(kind, gap[side], names) for side in ("group", "other")]
        shares = f"{_percent(gap['share_features'])} in features, {_percent(gap['share_map'])} on the map"
        rows.append(["false gap", *pair, f"neighbors: {shares}"])
    if not rows:
        return None
    more = max(len(torn) - _NAMED, 0) + max(found["n_false_gaps"] - _NAMED, 0)
    note = _misleads(kind, found)
    note += f" {more} smaller ones are left out." if more else ""
    table = {"columns": ["what", "group", "and", "how"], "rows": rows, "align": "llll"}
    return _item(f"quality-tears-{kind}", f"Where the map misleads: {kind}", note, table=table)


def _misleads(kind: str, found: Plain) -> str:
    """Return in a sentence how far the map misleads about some groups, and what to do about it."""
    n_torn, n_groups, n_gaps = len(found["torn"]), found["n_groups"], found["n_false_gaps"]
    what = "cluster" if kind == "clusters" else "group"
    said = []
    if n_torn:
        said.append(f"{n_torn} of {counted(n_groups, what)} {'lies' if n_torn == 1 else 'lie'} in several places")
    if n_gaps:
        said.append(f"{counted(n_gaps, 'gap')} between two {what}s {'is' if n_gaps == 1 else 'are'} not there")
    text = " and ".join(said)
    if not n_torn:
        return f"On the map {text} in the features: these belong closer together than it shows."
    return f"On the map {text}: go by the features there, since no plane can show these {what}s as they are."


def _hubness_item(found: Plain) -> Plain:
    facts = [
        ["skewness of k-occurrence", told(found["skewness"])],
        ["nobody's neighbor", _percent(found["never"])],
        ["places of the top hundredth", _percent(found["top_share"])],
        ["most lists that a song stands in", str(found["most"])],
    ]
    rows = [
        [words, told_estimate(found[f"skewness_{kind}"]), told_estimate(found[f"never_{kind}"])]
        for kind, words in (("thinned", "these songs"), ("null", "columns permuted"), ("normal", "normal columns"))
    ]
    n_sampled = found["skewness_null"]["n_sampled"]
    table = {"columns": [f"samples of {n_sampled}", "skewness", "nobody's neighbor"], "rows": rows, "align": "lrr"}
    note = (
        f"How evenly songs occur among the {found['k']} neighbors of others: hubs crowd lists, others never appear."
    )
    return _item("quality-hubness", "Hubs", note, facts=facts, table=table)


def stability_items(stability: Plain) -> list[Plain]:
    """Return the items that tell how far groups come back: a table, and boxes of the Jaccard indices."""
    rows, labels, boxes = [], [], []
    for name, scale in stability["scales"].items():
        rows += [_stability_row(name, index, scale) for index in ("ami", "ari")]
        for kind, words in (("jaccard", name), ("jaccard_null", f"{name}, columns permuted")):
            if scale[f"{kind}_quantiles"] is not None:
                labels.append(words)
                boxes.append([_rounded(value) for value in scale[f"{kind}_quantiles"]])
    share, times = _percent(stability["share"]), stability["n_subsamples"]
    columns = ["scale", "index", "two subsamples", "columns permuted", "two seeds", "permuted", "verdict"]
    note = (
        f"Everything fitted anew on {share} of the songs, {times} times. Agreement of seeds is there to be"
        " distrusted: the layout starts alike, so even songs without groups agree."
    )
    table = {"columns": columns, "rows": rows, "align": "llrrrrl"}
    figure = {"kind": "boxes", "labels": labels, "boxes": boxes, "xlabel": "Jaccard index of a group's best match"}
    return [
        _item("quality-stability", "Stability", note, table=table),
        _item("quality-jaccard", "How much of each group comes back", _JACCARD_NOTE, figure=figure),
    ]


def _stability_row(name: str, index: str, scale: Plain) -> list[str]:
    """Return one index of a scale: subsamples and seeds, each beside its null, and what that means."""
    kinds = ("", "_null", "_seeds", "_seeds_null")
    cells = [told_estimate(scale.get(f"{index}{kind}")) for kind in kinds]
    return [name, index.upper(), *cells, against_chance(scale[index], scale[f"{index}_null"]) or ""]


def against_chance(found: Plain, null: Plain) -> str | None:
    """Say in words whether a score lies above its null; None where one of them has no value.

    Both are plain estimates. The interval of their difference is that of independent ones: √(h₁² + h₂²), with h₁ from
    the score down to the lower end of its interval, h₂ from the null up to its upper end; without ends it is exact.

    Examples
    --------
    >>> null = {"value": 0.4, "high": 0.47}
    >>> [against_chance({"value": value, "low": value - 0.04}, null) for value in (0.6, 0.4, 0.45)]
    ['better than chance', 'no better than chance', 'hardly better than chance']
    """
    value, chance = found["value"], null["value"]
    if value is None or chance is None:
        return None
    if value <= chance:
        return "no better than chance"
    low, high = found.get("low"), null.get("high")
    below = 0.0 if low is None else value - low
    above = 0.0 if high is None else high - chance
    return "better than chance" if value - chance > math.hypot(below, above) else "hardly better than chance"


def _name(group: int, names: Sequence[str] | None) -> str:
    return f"{group} {names[group]}" if names is not None and group < len(names) else str(group)


def _called(kind: str, group: int, names: Sequence[str] | None) -> str:
    """Return what a group is called on its own in a line."""
    return f"cluster {group}" if kind == "clusters" and names is None else _name(group, names)


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
