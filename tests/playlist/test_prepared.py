"""What an atlas folder keeps of its songs is what would be read out of the catalog again."""

import hashlib

import numpy as np
import pytest

import songscape
from songscape.playlist.content import prepare_content
from songscape.playlist.prepared import FORM, Prepared, pack_content, prepared_of
from songscape.playlist.reading import read_songs
from songscape.playlist.songs import Ragged


@pytest.fixture(scope="module")
def tracks():
    return songscape.read_catalog(songscape.synthesize_tracks(400, random_state=3)).tracks


def read(tracks, prepared=None):
    X = np.arange(2.0 * len(tracks), dtype=np.float32).reshape(-1, 2)
    songs = read_songs(tracks, X, X, prepared)
    return songs, prepare_content(songs, prepared)


def arrays_in(value, name=""):
    """All arrays and texts within a record, by path."""
    if isinstance(value, np.ndarray):
        return {name: value}
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return {name: np.array(value)}
    if isinstance(value, tuple):
        parts = {str(i): one for i, one in enumerate(value)}
    elif hasattr(value, "__slots__") and not isinstance(value, float | int):
        parts = {part: getattr(value, part) for part in value.__slots__}
    else:
        return {name: np.array(value)}
    return {path: found for part, one in parts.items() for path, found in arrays_in(one, f"{name}.{part}").items()}


def test_prepared_songs_are_those_that_are_read(tracks):
    songs, content = read(tracks)
    again = read(tracks, Prepared(pack_content(content)))
    for known, found in zip((songs, content), again, strict=True):
        expected, got = arrays_in(known), arrays_in(found)
        assert list(expected) == list(got)
        for path, values in expected.items():
            assert values.dtype == got[path].dtype, path
            np.testing.assert_array_equal(values, got[path], err_msg=path)


def test_names_in_any_script_and_songs_without_any(tracks):
    few = tracks.head(1).with_columns(genres=None, artists=None, title=None, album=None, is_representative=True)
    few = few.with_columns(version_family=0).cast({name: tracks.schema[name] for name in tracks.columns})
    _, content = read(few)
    assert Prepared(pack_content(content)).artists.names == ()
    _, full = read(tracks)
    names = Ragged(np.array([0, 1]), np.zeros(1, np.int32), np.ones(1, np.float32), ("Björk\n戸川純\0",))
    object.__setattr__(full.songs, "artists", names)
    assert Prepared(pack_content(full)).artists.names == names.names


def test_arrays_of_another_form_are_not_used(tracks):
    arrays = pack_content(read(tracks)[1])
    assert prepared_of(arrays) is not None
    assert prepared_of(arrays | {"form": np.array([FORM + 1])}) is None
    assert prepared_of(None) is None


def test_what_is_made_of_songs_has_not_changed_without_a_new_form(tracks):
    """If this fails, raise FORM: atlases saved before must not be used as if they held what is made now."""
    packed = pack_content(read(tracks)[1])
    told = [str(packed[name].tolist()) for name in sorted(packed) if name.endswith(("_ids", "_indptr", "_names"))]
    told += [str(np.rint(packed[name] * 100.0).astype(int).sum()) for name in sorted(packed) if "weights" in name]
    told += [f"{np.abs(packed['scenes']).sum():.1f} {np.nansum(packed['ranks']):.1f}"]
    digest = hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
    assert (FORM, digest) == (2, "f018487f050cf83c")
