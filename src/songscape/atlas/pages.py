"""What is known about a catalog or an atlas as one page of plain data, which `songscape.report` renders."""

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from songscape.atlas.quality_page import quality_section
from songscape.catalog.record import Catalog
from songscape.exploration import explore
from songscape.interpretation import Card, cards_section

if TYPE_CHECKING:
    from songscape.atlas.record import Atlas

_MAP_WIDTH, _MAP_HEIGHT = 1400, 1050
_WITH_CARDS = ("coarse", "middle")  # at the fine scale the table says enough; `songscape groups` has the cards


def catalog_page(catalog: Catalog, **known: Any) -> dict[str, Any]:
    """Return the exploratory report of a catalog."""
    page = explore(catalog.tracks, notes=catalog.notes, rejects=catalog.rejects, inputs=catalog.inputs, **known)
    return page | {"title": title_of(catalog.inputs, "The catalog")}


def atlas_page(atlas: "Atlas", map_png: Path) -> dict[str, Any]:
    """Return the whole report of an atlas: the catalog, the map, the groups, how far to trust them."""
    page = catalog_page(atlas.catalog, imputed=atlas.features.imputed)
    groups = [
        cards_section([Card.from_dict(card) for card in cards], with_cards=scale in _WITH_CARDS)
        for scale, cards in atlas.cards.items()
    ]
    names = {scale: [str(card["name"]) for card in cards] for scale, cards in atlas.cards.items()}
    page["sections"] += [_map_section(atlas, map_png), *groups, quality_section(atlas.scores, names=names)]
    return page


def title_of(inputs: list[dict[str, Any]], otherwise: str) -> str:
    """Return the names of the files that a catalog was read from."""
    more = f" and {len(inputs) - 1} more" if len(inputs) > 1 else ""
    is_file = bool(inputs) and inputs[0]["sha256"] is not None
    return f"{inputs[0]['file']}{more}" if is_file else otherwise


def _map_section(atlas: "Atlas", map_png: Path) -> dict[str, Any]:
    n_clusters = atlas.scores["n_clusters"]
    alt = f"Map of {len(atlas.catalog)} tracks with {n_clusters} numbered clusters, noise in grey."
    figure = {"kind": "image", "png": _smaller(map_png), "width": _MAP_WIDTH, "height": _MAP_HEIGHT, "alt": alt}
    note = "UMAP's projection: what is near is alike; how far apart far groups are says little."
    item = {"id": "map", "title": "The map", "note": note, "figure": figure, "table": None, "facts": None}
    lead = (
        "Every track has a place; colors and numbers are HDBSCAN's clusters as published, which leave noise out. The"
        " groups below cover more, at three scales."
    )
    return {"id": "map-section", "title": "Map", "lead": lead, "items": [item]}


def _smaller(path: Path) -> str:
    """Return a picture in the size of the page, in 256 colors, as base64 text."""
    from PIL import Image

    with Image.open(path) as picture:
        page_size = picture.convert("RGB").resize((_MAP_WIDTH, _MAP_HEIGHT), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    page_size.quantize(256).save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode("ascii")
