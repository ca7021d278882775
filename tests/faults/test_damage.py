"""An atlas that is truncated, bit-flipped, newer or not ours: told, and left as it is."""

import json
import random

import pytest
from commands import contents, message, names, run

import songscape
from songscape.atlas import loading
from songscape.atlas.files import FILES, SCHEMA_VERSION, fingerprints
from songscape.errors import AtlasError

FLIPS = 12


def loaded_as(folder, told: dict) -> None:
    """Load a damaged atlas: either that is refused, or it says what it said before."""
    try:
        songscape.load_atlas(folder)
    except AtlasError as error:
        assert "damaged" in str(error) or "not an atlas" in str(error) or "Update Songscape" in str(error)  # noqa: PT017
        return
    now = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert {name: now.get(name) for name in told if name != "sha256"} == {
        name: value for name, value in told.items() if name != "sha256"
    }


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit(atlas, name):
    told = json.loads((atlas / "run.json").read_text(encoding="utf-8"))
    whole, chance = (atlas / name).read_bytes(), random.Random(name)
    for place in [0, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(FLIPS))]:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        (atlas / name).write_bytes(flipped)
        if name == "run.json":
            loaded_as(atlas, told)
        else:
            with pytest.raises(AtlasError, match=f"is damaged: {name} missing or not as written. Build it again."):
                songscape.load_atlas(atlas)
    (atlas / name).write_bytes(whole)
    songscape.load_atlas(atlas)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file(atlas, name):
    whole = (atlas / name).read_bytes()
    for length in (0, len(whole) // 2, len(whole) - 2):
        (atlas / name).write_bytes(whole[:length])
        with pytest.raises(AtlasError, match="damaged"):
            songscape.load_atlas(atlas)


@pytest.mark.parametrize("name", ["tracks.parquet", "arrays.npz", "groups.json", "songs.npz"])
def test_a_file_of_something_else_that_run_json_vouches_for(atlas, name):
    """Not damage but malice, or another program: readers meet what they do not expect."""
    told = json.loads((atlas / "run.json").read_text(encoding="utf-8"))
    del told["sha256"], told["files"][name]
    for data in (
        b"",
        b"PK\x03\x04" + b"\0" * 60,
        b"PAR1" + b"\0" * 60 + b"PAR1",
        b"[" * 100_000,
        b"null",
        b'{"a": 1}',
    ):
        (atlas / name).write_bytes(data)
        told["files"][name] = fingerprints(atlas)[name]
        (atlas / "run.json").write_text(json.dumps(told), encoding="utf-8")
        if name == "groups.json" and data in (b"null", b'{"a": 1}'):
            continue  # cards are looked at where they are shown
        with pytest.raises(AtlasError, match="damaged"):
            songscape.load_atlas(atlas)


def test_a_changed_number_in_run_json_is_noticed(atlas):
    text = (atlas / "run.json").read_text(encoding="utf-8")
    changed = text.replace('"n_neighbors": 15', '"n_neighbors": 14', 1)
    assert changed != text
    (atlas / "run.json").write_text(changed, encoding="utf-8")
    with pytest.raises(AtlasError, match=r"is damaged: run.json missing or not as written"):
        songscape.load_atlas(atlas)


def test_an_atlas_from_before_run_json_was_signed(atlas):
    told = json.loads((atlas / "run.json").read_text(encoding="utf-8"))
    del told["sha256"]
    (atlas / "run.json").write_text(json.dumps(told), encoding="utf-8")
    assert len(songscape.load_atlas(atlas).catalog) == 80


@pytest.mark.parametrize("what", ["newer", "foreign", "no json", "deep json"])
def test_commands_leave_what_they_do_not_know_as_it_is(atlas, tracks, what):
    told = json.loads((atlas / "run.json").read_text(encoding="utf-8"))
    text, expected = {
        "newer": (json.dumps(told | {"schema_version": SCHEMA_VERSION + 1}), "Update Songscape, or build"),
        "foreign": ('{"model": "of something else"}', "is not an atlas, or damaged"),
        "no json": ("\0" * 100, "is not an atlas, or damaged"),
        "deep json": ("[" * 100_000, "is not an atlas, or damaged"),
    }[what]
    (atlas / "run.json").write_text(text, encoding="utf-8")
    before = contents(atlas)
    for words in (["build", tracks, "-o", atlas], ["add", atlas, tracks], ["groups", atlas]):
        assert expected in message(run(*words))
    assert contents(atlas) == before
    assert names(atlas.parent) == ["atlas"]


def test_an_atlas_that_is_replaced_while_it_is_read(atlas, built, monkeypatch):
    """The files read so far were of the old folder, and the others are of the new one."""
    other = songscape.load_atlas(built)
    calls = []

    def replaced(folder, told, check=loading.require_whole):
        if not calls:
            calls.append(folder)
            other.save(folder)
        check(folder, told)

    (atlas / "rejects.csv").write_text("damaged")
    monkeypatch.setattr(loading, "require_whole", replaced)
    assert len(songscape.load_atlas(atlas).catalog) == 80
    assert calls == [atlas]
