"""The classic silhouette plot: the values of each group from high to low, one group below the other.

A group may bring its ``color``, a place in the colors of series, so that it looks as on the map.
"""

from typing import Any

from songscape.report.canvas import Canvas
from songscape.report.colors import AXIS, INK, SERIES, SOFT, series_color
from songscape.report.numbers import format_number
from songscape.report.plot import NORMAL, SMALL, Frame, Scale, draw_across_axis
from songscape.report.words import shorten, text_width

MOST = 60
_LEAST, _SHARED, _GAP = 15.0, 260.0, 4.0


def draw(figure: dict[str, Any], width: int) -> Canvas:
    """Return the groups, thicker where they have more songs; lines mark the mean of all and of chance."""
    groups = figure["groups"][:MOST]
    names = [shorten(group["name"], 0.36 * width, NORMAL) for group in groups]
    left = max((text_width(name, NORMAL) for name in names), default=0.0) + 10
    notes = [f"{format_number(group['mean'], 2)} · {format_number(group['size'])}" for group in groups]
    right = width - max((text_width(note, SMALL) for note in notes), default=0.0) - 14
    heights = _heights(groups)
    bottom = 38 + sum(heights) + _GAP * len(groups)
    more = len(figure["groups"]) - len(groups)
    canvas = Canvas(width, bottom + 40 + 16 * bool(more))
    known = [value for group in groups for value in group["quantiles"] if value is not None]
    marks = [figure[key] for key in ("overall", "null") if figure.get(key) is not None]
    low, high = min([0.0, *known, *marks]), max([0.0, *known, *marks])
    frame = Frame(left, 34, right, bottom)
    scale = draw_across_axis(canvas, frame, low, high, figure.get("xlabel") or "silhouette")
    top = frame.top
    for place, (group, height) in enumerate(zip(groups, heights, strict=True)):
        tip = f"{group['name']}: mean {format_number(group['mean'], 3)}, {format_number(group['size'])} songs"
        _draw_group(canvas, scale, group["quantiles"], (top, height), series_color(group.get("color", place)), tip)
        base = top + height / 2 + 4
        canvas.text(left - 8, base, names[place], align="right", tip=tip)
        canvas.text(width, base, notes[place], size=SMALL, color=SOFT, align="right")
        top += height + _GAP
    canvas.line([(scale.at(0.0), frame.top), (scale.at(0.0), bottom)], AXIS)
    canvas.text(width, 28, "mean · songs", size=SMALL, color=SOFT, align="right")
    _draw_marks(canvas, figure, scale, frame)
    if more:
        words = f"… and {format_number(more)} smaller groups in the table of numbers"
        canvas.text(left, canvas.height - 4, words, size=SMALL, color=SOFT)
    return canvas


def _heights(groups: list[dict[str, Any]]) -> list[float]:
    total = sum(group["size"] for group in groups) or 1
    return [_LEAST + _SHARED * group["size"] / total for group in groups]


def _draw_group(
    canvas: Canvas, scale: Scale, values: list[float | None], rows: tuple[float, float], color: str, tip: str
) -> None:
    """Fill what lies between zero and the values, which run from the highest on top to the lowest."""
    known = [value for value in values if value is not None]
    if not known:
        return
    top, height = rows
    step = height / max(len(known) - 1, 1)
    edge = [(scale.at(value), top + step * place) for place, value in enumerate(known)]
    if len(known) == 1:
        edge.append((edge[0][0], top + height))
    zero = scale.at(0.0)
    canvas.polygon([(zero, top), *edge, (zero, top + height)], color, tip=tip)


def _draw_marks(canvas: Canvas, figure: dict[str, Any], scale: Scale, frame: Frame) -> None:
    marks = (("overall", "mean of all", INK, ()), ("null", "chance", SERIES[5], (4.0, 3.0)))
    for row, (key, name, color, dashes) in enumerate(marks):
        value = figure.get(key)
        if value is None:
            continue
        x, y = scale.at(value), 11 + 14 * row
        canvas.line([(x, y + 3), (x, frame.bottom)], color, width=1.4, dashes=dashes)
        words = f"{name} {format_number(value, 3)}"
        align = "left" if x + text_width(words, SMALL) < canvas.width else "right"
        canvas.text(x, y, words, size=SMALL, color=color, align=align)


def describe(figure: dict[str, Any]) -> str:
    """Return the best and worst groups, in a sentence."""
    groups = [group for group in figure["groups"] if group["mean"] is not None]
    if not groups:
        return "Silhouette plot: no groups."
    ranked = sorted(groups, key=lambda group: (-group["mean"], group["name"]))
    best, worst = (f"{group['name']} with {format_number(group['mean'], 2)}" for group in (ranked[0], ranked[-1]))
    overall = figure.get("overall")
    mean = "" if overall is None else f"; mean of all songs {format_number(overall, 3)}"
    chance = "" if figure.get("null") is None else f", of chance {format_number(figure['null'], 3)}"
    count = f"{len(figure['groups'])} group{'' if len(figure['groups']) == 1 else 's'}"
    return f"Silhouette plot of {count}; highest {best}, lowest {worst}{mean}{chance}."


def tabulate(figure: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of the figure as a table: of the quantiles the ends, the quartiles and the middle."""
    rows = []
    for group in figure["groups"]:
        values = group["quantiles"]
        chosen = [values[round(share * (len(values) - 1))] if values else None for share in (0, 0.25, 0.5, 0.75, 1)]
        rows.append([group["name"], group["size"], group["mean"], *chosen])
    columns = ["group", "songs", "mean", "highest", "upper quartile", "median", "lower quartile", "lowest"]
    return {"columns": columns, "rows": rows, "align": "lrrrrrrr"}
