"""How large a file is before it is read."""

from songscape.catalog.extent import reading_memory


def test_reading_needs_more_for_packed_files(tmp_path):
    for name in ("a.csv", "b.csv.GZ"):
        (tmp_path / name).write_bytes(b"x" * 1000)
    plain, packed = (reading_memory([tmp_path / name]) for name in ("a.csv", "b.csv.GZ"))
    assert 1000 < plain < packed
    assert reading_memory([tmp_path / "a.csv", tmp_path / "b.csv.GZ"]) == plain + packed
