"""Pages made by hand: a plain one with each kind of figure, and an awkward one."""

import base64
import io
import math
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imsave

from songscape.report import render_page

KEYS = ["C", "G", "D", "A", "E", "B", "F♯", "D♭", "A♭", "E♭", "B♭", "F"]
LONG = "Singer-songwriter ballads of the northern coast, recorded live in small rooms"
SCRIPTS = [
    "音楽の歴史と伝統についての長い名前",
    "موسيقى شعبية من شمال أفريقيا القديمة",
    "रॉक संगीत और लोक गीत",
    "Ελληνική μουσική",
    "🎷🎺 jazz",
]
FEATURES = ["danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness", "liveness"]


def png() -> str:
    stream = io.BytesIO()
    imsave(stream, np.linspace(0, 1, 90 * 160 * 3).reshape(90, 160, 3), format="png")
    return base64.b64encode(stream.getvalue()).decode("ascii")


def years() -> list[int]:
    return list(range(1960, 2024))


def lines(name: str = "energy") -> dict[str, Any]:
    middle = [0.5 + 0.2 * math.sin((year - 1960) / 9) for year in years()]
    one = {
        "name": name,
        "values": middle,
        "low": [value - 0.15 for value in middle],
        "high": [value + 0.1 for value in middle],
    }
    return {"kind": "lines", "x": years(), "series": [one], "xlabel": "year", "ylabel": name}


def plain_figures() -> dict[str, dict[str, Any]]:
    """One figure of each kind, with numbers that are easy to find again."""
    rng = np.random.default_rng(0)
    across, up = np.meshgrid(np.linspace(0, 1, 40), np.linspace(0, 1, 40))
    counts = rng.poisson(3000 * np.exp(-((across - 0.6) ** 2 + (up - across) ** 2) / 0.03))
    values = rng.uniform(-1, 1, (7, 7))
    np.fill_diagonal(values, 1.0)
    genres = ["pop", "rock", "hip hop", "folk", "jazz", "metal", "other"]
    shares = rng.dirichlet(np.ones(7), 7).T
    return {
        "bars": {
            "kind": "bars",
            "labels": ["joy", "sadness", "anger", "fear", "love", "surprise"],
            "values": [90123, 60456, 40789, 20012, 9876, 543],
            "unit": "tracks",
            "muted": [5],
        },
        "histogram": {
            "kind": "histogram",
            "edges": list(range(0, 101, 4)),
            "counts": [int(9000 * math.exp(-(((bin_ - 9) / 7) ** 2))) for bin_ in range(25)],
            "spikes": [{"value": 0, "count": 81234, "label": "0"}],
            "xlabel": "popularity (0 to 100)",
        },
        "circle": {
            "kind": "circle",
            "labels": KEYS,
            "series": [
                {
                    "name": "major",
                    "values": [12000, 11000, 10500, 8000, 5000, 4000, 3000, 9000, 6000, 2500, 4500, 8500],
                },
                {"name": "minor", "values": [4000, 4500, 5000, 6000, 6500, 7000, 4800, 3000, 2500, 2000, 3500, 4200]},
            ],
        },
        "matrix": {
            "kind": "matrix",
            "rows": FEATURES,
            "columns": FEATURES,
            "values": values.round(3).tolist(),
            "low": -1,
            "high": 1,
            "text": True,
        },
        "lines": lines(),
        "panels": {"kind": "panels", "panels": [{"title": name, "figure": lines(name)} for name in FEATURES]},
        "boxes": {
            "kind": "boxes",
            "labels": genres,
            "boxes": [sorted(row) for row in rng.uniform(0, 1, (7, 5)).round(3).tolist()],
            "xlabel": "energy",
        },
        "density": {
            "kind": "density",
            "x_edges": np.linspace(0, 1, 41).round(3).tolist(),
            "y_edges": np.linspace(-40, 0, 41).tolist(),
            "counts": counts.tolist(),
            "xlabel": "energy",
            "ylabel": "loudness (dB)",
        },
        "stack": {
            "kind": "stack",
            "x": [f"{decade}s" for decade in range(1960, 2030, 10)],
            "names": genres,
            "shares": shares.round(4).tolist(),
            "xlabel": "decade",
        },
        "image": {"kind": "image", "png": png(), "width": 160, "height": 90, "alt": "A map of 3 tracks."},
        "silhouette": {
            "kind": "silhouette",
            "groups": [
                {
                    "name": f"Quiet acoustic · folk {number}",
                    "size": 5000 // (number + 1),
                    "mean": round(0.4 - 0.05 * number, 3),
                    "quantiles": np.linspace(0.8 - 0.05 * number, -0.2, 21).round(4).tolist(),
                }
                for number in range(12)
            ],
            "overall": 0.213,
            "null": -0.012,
        },
    }


def awkward_figures() -> dict[str, dict[str, Any]]:
    """What real catalogs bring: one of something, nothing, much, undefined, names of any length and script."""
    names = [f"genre number {number}" for number in range(300)]
    rng = np.random.default_rng(1)
    gaps = [0.5, None, None, 0.7, 0.8, None, 0.9]
    return {
        "bars-one": {"kind": "bars", "labels": ["pop"], "values": [3], "unit": "tracks"},
        "bars-none": {"kind": "bars", "labels": [], "values": [], "unit": "tracks"},
        "bars-zero": {"kind": "bars", "labels": ["", None, "a"], "values": [0, 0, 0], "unit": "tracks"},
        "bars-undefined": {"kind": "bars", "labels": ["a", "b"], "values": [None, 0.0000042], "unit": ""},
        "bars-signed": {"kind": "bars", "labels": ["up", "down"], "values": [0.8, -0.4], "xlabel": "effect size"},
        "bars-many": {"kind": "bars", "labels": names, "values": list(range(300, 0, -1)), "unit": "tracks"},
        "bars-scripts": {
            "kind": "bars",
            "labels": [*SCRIPTS, LONG, "<b>bold</b> & \"quoted\" 'x'", "$E=mc^2$", "a\x00b\nc"],
            "values": [900_000_000_000, 8, 7, 6, 5, 4, 3, 2, 1],
            "unit": "tracks",
        },
        "histogram-empty": {"kind": "histogram", "edges": [0, 1], "counts": [0]},
        "histogram-spikes": {
            "kind": "histogram",
            "edges": [-0.001, -0.0005, 0.0],
            "counts": [5, 2],
            "spikes": [{"value": v, "count": 10**v, "label": f"value {v}"} for v in range(4)],
        },
        "histogram-only-spike": {
            "kind": "histogram",
            "edges": [0.0, 1.0],
            "counts": [0],
            "spikes": [{"value": 0.0, "count": 7, "label": "0"}],
        },
        "circle-empty": {
            "kind": "circle",
            "labels": KEYS,
            "series": [{"name": "major", "values": [0] * 12}, {"name": "minor", "values": [None] * 12}],
        },
        "matrix-wide": {
            "kind": "matrix",
            "rows": [LONG, *SCRIPTS, "", "x"],
            "columns": [*names[:22], LONG, *SCRIPTS],
            "values": rng.uniform(0, 5, (8, 28)).round(3).tolist(),
            "low": 0,
            "high": 5,
            "text": True,
            "xlabel": "lift",
        },
        "matrix-many": {
            "kind": "matrix",
            "rows": names[:70],
            "columns": names[:80],
            "values": rng.uniform(-1, 1, (70, 80)).round(2).tolist(),
            "low": -1,
            "high": 1,
            "text": False,
        },
        "matrix-one": {
            "kind": "matrix",
            "rows": ["a"],
            "columns": ["b"],
            "values": [[None]],
            "low": 0,
            "high": 0,
            "text": True,
        },
        "lines-gaps": {
            "kind": "lines",
            "x": [2000, 2001, 2002, 2003, 2004, 2005, 2006],
            "series": [
                {"name": name, "values": gaps[place:] + gaps[:place], "low": None, "high": None}
                for place, name in enumerate([LONG, *SCRIPTS])
            ],
        },
        "lines-point": {
            "kind": "lines",
            "x": [1999],
            "series": [{"name": "a", "values": [1e9], "low": None, "high": None}],
        },
        "lines-none": {"kind": "lines", "x": [], "series": []},
        "boxes-flat": {
            "kind": "boxes",
            "labels": ["same", LONG, SCRIPTS[0], ""],
            "boxes": [[1, 1, 1, 1, 1], None, [1, 1, 1, 1, 1], [None] * 5],
        },
        "boxes-many": {"kind": "boxes", "labels": names, "boxes": [[0, 1, 2, 3, 4]] * 300, "xlabel": "v"},
        "density-log": {
            "kind": "density",
            "x_edges": [1, 10, 100, 1000],
            "y_edges": [0, 1],
            "counts": [[0, 1, 1_000_000]],
            "xlabel": "duration (s)",
        },
        "density-empty": {"kind": "density", "x_edges": [0, 1], "y_edges": [0, 1], "counts": [[0]]},
        "stack-one": {"kind": "stack", "x": [2020], "names": ["pop"], "shares": [[1.0]]},
        "stack-years": {
            "kind": "stack",
            "x": years(),
            "names": ["yes", "no", *SCRIPTS, LONG, "other"],
            "shares": rng.dirichlet(np.ones(9), 64).T.round(4).tolist(),
            "xlabel": "year",
        },
        "panels-mixed": {
            "kind": "panels",
            "panels": [
                {"title": LONG, "figure": {"kind": "histogram", "edges": [0, 1, 2], "counts": [1, 5]}},
                {"title": "nothing", "figure": None},
                {"title": "<i>", "figure": {"kind": "bars", "labels": ["a"], "values": [1], "unit": "tracks"}},
            ],
        },
        "silhouette-one": {
            "kind": "silhouette",
            "groups": [{"name": LONG, "size": 1, "mean": None, "quantiles": [None] * 21}],
            "overall": None,
            "null": None,
        },
        "silhouette-many": {
            "kind": "silhouette",
            "groups": [
                {"name": name, "size": 9, "mean": -0.1, "quantiles": np.linspace(0.3, -0.5, 21).round(3).tolist()}
                for name in names[:90]
            ],
            "overall": -0.1,
            "null": 0.0,
        },
    }


def item(name: str, figure: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    base = {"id": name, "title": name.replace("-", " "), "note": "", "figure": figure, "table": None, "facts": None}
    return {**base, **more}


def table() -> dict[str, Any]:
    rows = [
        ["Genius English Translations", 1999, 12345, 0.5, None],
        ["<script>alert(1)</script>", 2004, 7, 0.0421, "a & b"],
        [LONG, 1965, 1234567, -3.25, SCRIPTS[1]],
    ]
    return {"columns": ["artist", "first year", "tracks", "effect", "remark"], "rows": rows, "align": "lrrrl"}


def plain_page() -> dict[str, Any]:
    overview = [
        item(
            "counts",
            None,
            facts=[["rows read", "236 988"], ["tracks", "236 988"], ["artists", "31 250"], ["years", "1960 to 2023"]],
        ),
        item("largest", None, table=table(), note="The largest ones first."),
    ]
    figures = [item(name, figure, note=f"About {name}.") for name, figure in plain_figures().items()]
    return {
        "title": "What is in tracks.csv",
        "subtitle": "236 988 tracks of 31 250 artists, 1960 to 2023",
        "findings": [
            "38.0% of the tracks are joy.",
            "One artist in ten has a single track.",
            "81 234 tracks have popularity 0.",
        ],
        "sections": [
            {"id": "overview", "title": "Overview", "lead": "What was read, and what came of it.", "items": overview},
            {"id": "pictures", "title": "Pictures", "lead": "", "items": figures},
        ],
    }


def awkward_page() -> dict[str, Any]:
    figures = [item(name, figure, note=LONG) for name, figure in awkward_figures().items()]
    tables = [
        item("no-rows", None, table={"columns": ["a"], "rows": [], "align": "l"}),
        item(
            "tall",
            None,
            table={"columns": ["a", "b"], "rows": [[f"row {n}", n * 1.5] for n in range(300)], "align": "lr"},
        ),
        item("card", None, facts=[[f"label {n}", f"{LONG} (1; 2); {SCRIPTS[0]}; last {n}"] for n in range(9)]),
        item("nothing", None, title="</title><script>alert(1)</script>", facts=[["a", None], [LONG, SCRIPTS[1]]]),
    ]
    return {
        "title": "<b>Awkward</b> & \ud800 more",
        "subtitle": LONG * 3,
        "findings": [],
        "sections": [
            {"id": "figures", "title": LONG, "lead": LONG * 4, "items": figures},
            {"id": "tables", "title": "Tables", "lead": "", "items": tables},
            {"id": "empty", "title": "Empty", "lead": "", "items": []},
        ],
    }


@pytest.fixture
def page() -> dict[str, Any]:
    return plain_page()


@pytest.fixture
def awkward() -> dict[str, Any]:
    return awkward_page()


@pytest.fixture
def figures() -> dict[str, dict[str, Any]]:
    return plain_figures()


@pytest.fixture(scope="session")
def all_figures() -> dict[str, dict[str, Any]]:
    return plain_figures() | awkward_figures()


@pytest.fixture(scope="session")
def plain_html() -> str:
    return render_page(plain_page())


@pytest.fixture(scope="session")
def awkward_html() -> str:
    return render_page(awkward_page())
