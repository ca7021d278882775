"""What is known about a catalog or an atlas as one page of plain data, which `songscape.report` renders."""

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from songscape.atlas.group_pages import folded_item, group_findings, overview_item
from songscape.atlas.quality_page import quality_section
from songscape.catalog.record import Catalog
from songscape.drawing.map import color_labels, draw_map, map_png, picture_map
from songscape.drawing.palette import NOISE, PALETTE, to_rgb
from songscape.drawing.values import scale_colors, values_png
from songscape.exploration import N_FINDINGS, explore
from songscape.interpretation import Card, cards_section
from songscape.types import Float64
from songscape.wording import counted, percent

if TYPE_CHECKING:
    from songscape.atlas.record import Atlas

_MAP_WIDTH, _MAP_HEIGHT = 1400, 1050
_Colors = dict[str, dict[int, int]]


def catalog_page(catalog: Catalog) -> dict[str, Any]:
    """Return the exploratory report of a catalog."""
    page = explore(catalog.tracks, notes=catalog.notes, rejects=catalog.rejects, inputs=catalog.inputs)
    return page | {"title": title_of(catalog.inputs, "The catalog")}


def atlas_page(atlas: "Atlas", map_file: Path, page: dict[str, Any]) -> dict[str, Any]:
    """Return the whole report of an atlas: the catalog, the map, the groups, how far to trust them.

    `page` is that of its catalog, and `map_file` the picture of the map.
    """
    cards = {scale: [Card.from_dict(card) for card in told] for scale, told in atlas.cards.items()}
    colors = _colors(atlas, cards)
    told = group_findings(cards, atlas.scores["quality"]["partitions"]["coarse"])
    names = {scale: [card.name for card in found] for scale, found in cards.items()}
    sections = [
        *_group_sections(atlas, cards["coarse"], colors["coarse"]),
        *page["sections"],
        _map_section(atlas, map_file),
        *_scale_sections(cards),
        quality_section(
            atlas.scores,
            prices=atlas.scores["coverage_prices"],
            stability=atlas.scores.get("stability"),
            names=names,
            colors=colors,
        ),
    ]
    return page | {"findings": [*told, *page["findings"]][:N_FINDINGS], "sections": sections}


def _colors(atlas: "Atlas", cards: dict[str, list[Card]]) -> _Colors:
    """Return the colors of clusters and groups as the maps have them; finer groups have that of their coarse one."""
    x, y = atlas.embedding[:, 0], atlas.embedding[:, 1]
    coarse = atlas.groups.scale("coarse").labels[atlas.song_of]
    colors = {"clusters": color_labels(x, y, atlas.labels), "coarse": color_labels(x, y, coarse)}
    for scale, coarser in (("middle", "coarse"), ("fine", "middle")):
        above = colors[coarser]
        colors[scale] = {card.number: above[card.parent] for card in cards[scale] if card.parent in above}
    return colors


def _scale_sections(cards: dict[str, list[Card]]) -> list[dict[str, Any]]:
    """Return a section for each scale; scales of the same groups, as in a small catalog, are told once."""
    sections: list[dict[str, Any]] = []
    before: list[Card] | None = None
    for scale, found in cards.items():
        if before is None or len(found) != len(before):  # scales nest: as many groups are the same groups
            sections.append(_scale_section(scale, found))
        elif found:
            sections[-1]["lead"] += f" The {scale} scale has the same groups."
        before = found
    return sections


def _scale_section(scale: str, cards: list[Card]) -> dict[str, Any]:
    """Return heat map, table and cards of one scale: whole cards of the coarse one, finer ones to unfold."""
    section = cards_section(cards, with_cards=scale == "coarse")
    if cards and scale != "coarse":
        section["items"].append(folded_item(scale, cards, compact=scale == "fine"))
    return section


def title_of(inputs: list[dict[str, Any]], otherwise: str) -> str:
    """Return the names of the files that a catalog was read from."""
    more = f" and {len(inputs) - 1} more" if len(inputs) > 1 else ""
    is_file = bool(inputs) and inputs[0]["sha256"] is not None
    return f"{inputs[0]['file']}{more}" if is_file else otherwise


def _map_section(atlas: "Atlas", file: Path) -> dict[str, Any]:
    n_clusters = atlas.scores["n_clusters"]
    alt = f"Map of {len(atlas.catalog)} tracks with {n_clusters} numbered clusters, noise in grey."
    figure = {
        "kind": "image",
        "png": _smaller(file.read_bytes()),
        "width": _MAP_WIDTH,
        "height": _MAP_HEIGHT,
        "alt": alt,
    }
    note = "UMAP's projection: what is near is alike; how far apart far groups are says little."
    facts = [["Imputed", _imputed(atlas)]]
    item = {"id": "map", "title": "The map", "note": note, "figure": figure, "table": None, "facts": facts}
    lead = (
        "Every track has a place; colors and numbers are HDBSCAN's clusters as published, which leave noise out. The"
        " groups cover more, at three scales."
    )
    return {
        "id": "map-section",
        "title": "Clusters on the map, and trust",
        "lead": lead,
        "items": [item, *_trust_items(atlas)],
    }


def _imputed(atlas: "Atlas") -> str:
    count = int(np.count_nonzero(atlas.features.imputed))
    why = "an audio feature was missing and filled in for the map from the track's other features"
    return f"{counted(count, 'track')} ({percent(count / max(len(atlas.catalog), 1))}): {why}"


def _group_sections(atlas: "Atlas", cards: list[Card], colors: dict[int, int]) -> list[dict[str, Any]]:
    """Return the map colored by the coarse groups, with a line on each; nothing where there are none."""
    if not cards:
        return []
    labels = atlas.groups.scale("coarse").labels[atlas.song_of]
    names = {card.number: card.name for card in cards}
    picture = picture_map(atlas.embedding[:, 0], atlas.embedding[:, 1], labels, names=names, what="group")
    png = map_png(draw_map(picture, title="The coarse groups"))
    alt = f"The same map colored by its {len(cards)} coarse groups: {', '.join(names.values())}."
    figure = {"kind": "image", "png": _smaller(png), "width": _MAP_WIDTH, "height": _MAP_HEIGHT, "alt": alt}
    note = "Groups are made in the features, so one may lie in several places of the map. Grey: outside the coverage."
    title = "The coarse groups on the map"
    item = {"id": "map-groups", "title": title, "note": note, "figure": figure, "table": None, "facts": None}
    lead = "What is near on the map sounds alike. Colors are the same in all pictures of the groups."
    items = [item, overview_item(cards, colors)]
    return [{"id": "groups", "title": "The map and its groups", "lead": lead, "items": items}]


def _trust_items(atlas: "Atlas") -> list[dict[str, Any]]:
    """Return the map colored by how far it may be trusted at each place; nothing where that is unknown."""
    if np.isnan(atlas.map_trust).all():
        return []
    png = values_png(
        atlas.embedding[:, 0],
        atlas.embedding[:, 1],
        np.minimum(atlas.map_trust, atlas.map_continuity),
        label="the lower of trust and continuity: 1 as in features, 0.5 as by chance",
        low=0.75,
        high=1.0,
    )
    alt = "The same map; the darker a place, the less the neighbors there are neighbors in features."
    figure = {
        "kind": "image",
        "png": _fewer_colors(png, scale_colors()),
        "width": _MAP_WIDTH,
        "height": _MAP_HEIGHT,
        "alt": alt,
    }
    note = (
        "For each track the lower of two numbers: are its neighbors on the map its neighbors in features, and the"
        " other way round? Dark places show strangers side by side, or keep apart what belongs together."
    )
    title = "Where the map may be trusted"
    return [{"id": "map-trust", "title": title, "note": note, "figure": figure, "table": None, "facts": None}]


def _smaller(png: bytes) -> str:
    """Return a map in the size of the page, as base64 text."""
    from PIL import Image

    stream = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        size = (_MAP_WIDTH, _MAP_HEIGHT)
        picture.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(stream, "PNG", compress_level=1)
    return _fewer_colors(stream.getvalue(), to_rgb([*PALETTE, NOISE]))


def _fewer_colors(png: bytes, colors: Float64) -> str:
    """Return a picture in 256 colors as base64 text, a third of the size: tints of the colors that it is made of.

    Colors chosen by frequency would miss those of a legend, whose few pixels must be right.
    """
    from PIL import Image

    n_tints = 240 // len(colors)
    tints = np.concatenate([1.0 - (1.0 - colors) * part for part in np.linspace(0.15, 1.0, n_tints)])
    greys = np.repeat(np.linspace(0.0, 1.0, 256 - len(tints))[:, None], 3, axis=1)
    table = Image.new("P", (1, 1))
    table.putpalette(np.rint(255.0 * np.concatenate([tints, greys])).astype(np.uint8).ravel().tolist())
    stream = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(palette=table, dither=Image.Dither.NONE)
        few.save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode("ascii")
