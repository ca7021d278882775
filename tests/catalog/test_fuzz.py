"""Damaged files end in a catalog that accounts for every row, or in an `InputError`; never in anything else."""

import gzip
import io
import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.catalog import read_catalog
from songscape.catalog.reading import read_raw
from songscape.catalog.schema import CANONICAL
from songscape.errors import InputError

_ROWS = [
    {"title": title, "artist": f"A{i % 3}", "Tempo": 90 + i, "energy": i / 20, "valence": 0.5, "note": "a, b"}
    for i, title in enumerate(["One", "Två", "A, b", 'say "x"', "two\nlines", "日本", '12" mix', "x", "y", "z"])
]


def _csv() -> bytes:
    return pl.DataFrame(_ROWS).write_csv().encode()


def _parquet() -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(_ROWS).write_parquet(buffer)
    return buffer.getvalue()


_FILES = {
    "csv": _csv(),
    "csv in latin-1": _csv().decode().encode("latin-1", errors="replace"),
    "csv in utf-16": _csv().decode().encode("utf-16"),
    "csv in gzip": gzip.compress(_csv(), mtime=0),
    "json": json.dumps(_ROWS, ensure_ascii=False).encode(),
    "json lines": "\n".join(json.dumps(row) for row in _ROWS).encode(),
    "parquet": _parquet(),
}

_PLACE = st.floats(0, 1, allow_nan=False)
_INSERT = st.sampled_from(
    [b'"', b",", b"\n", b"\r", b"\x00", b";", b"\t", b"\xff", b"\xe9", b"[", b"{", b"\\", b"\n\n"]
)
_DAMAGE = st.one_of(
    st.tuples(st.just("flip"), _PLACE, st.integers(0, 255)),
    st.tuples(st.just("insert"), _PLACE, _INSERT),
    st.tuples(st.just("cut"), _PLACE, st.integers(1, 60)),
    st.tuples(st.just("truncate"), _PLACE, st.none()),
    st.tuples(st.just("repeat"), _PLACE, st.integers(1, 60)),
    st.tuples(st.just("drop quote"), _PLACE, st.none()),
)


def _damaged(data: bytes, damages: list) -> bytes:
    for kind, place, detail in damages:
        at = int(place * len(data))
        if kind == "flip" and data:
            data = data[:at] + bytes([detail]) + data[at + 1 :]
        elif kind == "insert":
            data = data[:at] + detail + data[at:]
        elif kind == "cut":
            data = data[:at] + data[at + detail :]
        elif kind == "truncate":
            data = data[:at]
        elif kind == "repeat":
            data = data[:at] + data[at : at + detail] * 2 + data[at + detail :]
        elif kind == "drop quote":
            found = data.find(b'"', at)
            data = data[:found] + data[found + 1 :] if found >= 0 else data
    return data


@pytest.mark.parametrize("form", sorted(_FILES))
@settings(max_examples=40, derandomize=True, deadline=None)
@given(damages=st.lists(_DAMAGE, min_size=1, max_size=6))
def test_damage_of_any_kind(form, damages, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "damaged.bin"
    path.write_bytes(_damaged(_FILES[form], damages))
    try:
        catalog = read_catalog(path)
    except InputError:
        with pytest.raises(InputError, match=r"damaged\.bin"):
            read_catalog(path)
        return
    raw = read_raw(path, "damaged.bin")
    counted = catalog.summary()
    assert counted["rows_read"] == raw.frame.height + len(raw.rejects) == catalog.inputs[0]["rows"]
    assert counted["tracks"] + counted["rows_rejected"] == counted["rows_read"]
    assert raw.frame.height == len(raw.lines)
    places = catalog.tracks["source_line"].to_list() + catalog.rejects["line"].to_list()
    assert sorted(places) == sorted(raw.lines.to_list() + [line for line, _, _ in raw.rejects])
    assert catalog.rejects["reason"].null_count() == 0


@settings(max_examples=150, derandomize=True, deadline=None)
@given(data=st.binary(max_size=200))
def test_bytes_at_random(data, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "random.bin"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"random\.bin"):
        read_catalog(path)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    cells=st.lists(
        st.sampled_from(
            ["", "0.5", "140", "-1", "?", "nan", "inf", "1e400", "0,5", "C# Maj", "03:47", "[1", "x\x00", "9" * 400]
        ),
        min_size=24,
        max_size=24,
    )
)
def test_any_text_in_any_canonical_column(cells):
    table = pl.DataFrame({name: [cell, "0.5"] for name, cell in zip(CANONICAL, cells, strict=False)})
    catalog = read_catalog(table)
    assert catalog.summary()["rows_read"] == 2
    numbers = catalog.tracks.select(pl.col(pl.Float64))
    assert numbers.select(pl.all().is_finite().all()).row(0) == (True,) * numbers.width
