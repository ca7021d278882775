"""The figure: time against rows, one panel a step, both axes logarithmic."""

import math
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from measure import median

PANELS = {
    "neighbors": "nearest neighbors",
    "umap": "UMAP",
    "hdbscan": "HDBSCAN on the map",
    "silhouette": "silhouette, 80 clusters",
    "build": "songscape build, all of it",
}
LEFT_OUT = {"PCA", "random places"}  # no rivals: they stand in the table for their scores
# Okabe and Ito's colors, told apart by color-blind people; markers differ as well.
STYLES = {
    "songscape": ("#000000", "o"),
    "songscape, clusters of the map": ("#000000", "s"),
    "build, kernels cached": ("#000000", "o"),
    "umap-learn": ("#D55E00", "^"),
    "hdbscan": ("#D55E00", "^"),
    "hdbscan, exact tree": ("#E69F00", "v"),
    "fast_hdbscan": ("#0072B2", "D"),
    "fast-plscan": ("#009E73", "P"),
    "scikit-learn": ("#CC79A7", "X"),
    "scikit-learn, extrapolated": ("#CC79A7", "X"),
    "scipy": ("#0072B2", "D"),
    "pynndescent": ("#009E73", "P"),
}
BUILDS = ("build, small", "build, kernels cached", "build, large")


def draw(results: dict[str, Any], folder: Path) -> None:
    """Write scaling.svg and scaling.png."""
    matplotlib.rcParams["svg.hashsalt"] = "songscape"
    figure = Figure(figsize=(13.0, 8.0), layout="constrained")
    axes = figure.subplots(2, 3)
    for panel, (step, title) in zip(axes.flat, PANELS.items(), strict=False):
        panel.set_title(title, loc="left", fontsize=11)
        if step in results:
            _panel(panel, lines_of(results[step], step))
        else:
            panel.text(0.0, 0.9, "not measured", transform=panel.transAxes)
            panel.axis("off")
    _explain(axes.flat[5])
    figure.supxlabel("rows")
    figure.supylabel("seconds")
    figure.savefig(folder / "scaling.svg", metadata={"Date": None})
    figure.savefig(folder / "scaling.png", dpi=110)


def lines_of(step: dict[str, Any], name: str) -> dict[str, list[dict[str, Any]]]:
    """Return the measurements to draw, by contender, ascending; a build is one line from small to large."""
    found = step["measurements"]
    if name == "build":
        builds = [m for contender in BUILDS for m in found if m["contender"] == contender]
        return {"build, kernels cached": sorted(builds, key=lambda m: m["n"])}
    contenders = dict.fromkeys(m["contender"] for m in found if m["contender"] not in LEFT_OUT)
    return {name: sorted((m for m in found if m["contender"] == name), key=lambda m: m["n"]) for name in contenders}


def _panel(panel: Axes, lines: dict[str, list[dict[str, Any]]]) -> None:
    for name, measured in lines.items():
        color, marker = STYLES.get(name, ("#56B4E9", "*"))
        ok = [(m["n"], median(m["seconds"])) for m in measured if m["seconds"]]
        stopped = [(m["n"], m["limit"]) for m in measured if m["status"] == "timeout"]
        failed = [m["n"] for m in measured if m["status"] == "failed"]
        dashed = any(m["status"] == "extrapolated" for m in measured)
        if ok:
            face = "white" if dashed else color
            panel.plot(
                *zip(*ok, strict=True), color=color, marker=marker, markerfacecolor=face, markersize=6, label=name
            )
        if stopped:
            x, y = zip(*stopped, strict=True)
            panel.plot(
                x, y, color=color, marker=r"$\uparrow$", markersize=11, linestyle="none", label=f"{name}: stopped"
            )
        for n in failed:
            panel.axvline(n, color=color, linestyle=":", linewidth=1.0, label=f"{name}: failed")
    panel.set_xscale("log")
    panel.set_yscale("log")
    _whole_decades(panel)
    panel.grid(True, which="major", color="#dddddd", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(fontsize=8, frameon=False)


def _whole_decades(panel: Axes) -> None:
    """Label powers of ten alone, as plain numbers, and show them whole."""
    low, high = panel.get_ylim()
    panel.set_ylim(10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(high)))
    panel.xaxis.set_major_formatter(lambda n, _: f"{n / 1e6:g} M" if n >= 1e6 else f"{n / 1e3:g} k")
    panel.yaxis.set_major_formatter(lambda seconds, _: f"{seconds:g}")
    panel.xaxis.set_minor_formatter(NullFormatter())
    panel.yaxis.set_minor_formatter(NullFormatter())


def _explain(panel: Axes) -> None:
    panel.axis("off")
    panel.text(
        0.0,
        0.95,
        "Lower is better. Lines end where a contender was too slow\nto be asked for more rows.\n\n"
        "↑  stopped at its time limit: it takes longer\n:   failed\nwhite markers: extrapolated\n\n"
        "Compilation is not counted, but what a package\ncompiles anew in every fit is.",
        va="top",
        fontsize=10,
        transform=panel.transAxes,
    )
