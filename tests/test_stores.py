"""Catalogs in an object store, spoken to over HTTP as S3 is: found, read, cut, and built on two workers."""

import gzip
import io
import sys

import polars as pl
import pytest
from distributed import LocalCluster
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

import songscape
from songscape.catalog.blocks import Limits, cut_file, read_block
from songscape.catalog.extent import extent_of, reading_memory
from songscape.catalog.remote import RemoteFile
from songscape.catalog.sources import expand
from songscape.cli.app import app
from songscape.config import ReadParams
from songscape.errors import AtlasError, InputError, MissingExtraError
from songscape.parts.dataset import parts_folder, read_manifest, sha256

SIZES = (700, 500, 600)
KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # connections that botocore keeps open
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def store():
    """A server that speaks S3's API, with a bucket ``music``; the environment names it, here and in workers."""
    import boto3
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": address}.items():
            patch.setenv(name, value)
        client = boto3.client("s3")
        client.create_bucket(Bucket="music")
        yield client
        s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


@pytest.fixture(scope="module")
def files(store, tmp_path_factory):
    """The same files in a folder and in the bucket."""
    folder = tmp_path_factory.mktemp("files")
    tables = [songscape.synthesize_tracks(size, random_state=number) for number, size in enumerate(SIZES)]
    for number, table in enumerate(tables):
        table.write_parquet(folder / f"p{number}.parquet")
    tables[0].drop("artists", strict=False).write_ndjson(folder / "lines.jsonl")
    table = tables[0].select(column for column in tables[0].columns if tables[0][column].dtype != pl.List)
    table.write_csv(folder / "t.csv")
    (folder / "t.csv.gz").write_bytes(gzip.compress((folder / "t.csv").read_bytes()))
    (folder / "cut.parquet").write_bytes((folder / "p0.parquet").read_bytes()[:3000])
    (folder / "empty.csv").write_bytes(b"")
    for path in folder.iterdir():
        store.put_object(Bucket="music", Key=f"in/{path.name}", Body=path.read_bytes())
    return folder


@pytest.fixture
def requests(monkeypatch):
    """How many bytes each read over the network asks for."""
    seen = []
    read = RemoteFile.read
    monkeypatch.setattr(
        RemoteFile,
        "read",
        lambda file, start, stop: seen.append(stop - start) or read(file, start, stop),
    )
    return seen


@pytest.mark.parametrize("name", ["p0.parquet", "lines.jsonl", "t.csv", "t.csv.gz"])
def test_a_file_reads_as_from_a_disk(files, name):
    far, near = (songscape.read_catalog(where) for where in (f"s3://music/in/{name}", files / name))
    assert_frame_equal(far.tracks, near.tracks)
    assert (far.notes, far.inputs) == (near.notes, near.inputs)  # the hash of its bytes, too


def test_a_pattern_and_a_list_read_as_from_a_disk(files):
    near = songscape.read_catalog(str(files / "p*.parquet")).tracks
    assert_frame_equal(songscape.read_catalog("s3://music/in/p*.parquet").tracks, near)
    mixed = ["s3://music/in/p0.parquet", str(files / "p1.parquet"), "s3://music/in/p2.parquet"]
    assert_frame_equal(songscape.read_catalog(mixed).tracks, near)


def test_a_file_that_was_added_is_found(store, files):
    def found():
        return [file.name for file in expand("s3://music/new/*.csv")[0]]

    assert found() == []
    store.put_object(Bucket="music", Key="new/a.csv", Body=b"x")
    assert found() == ["a.csv"]


@pytest.mark.parametrize("name", ["p0.parquet", "lines.jsonl", "t.csv", "t.csv.gz", "cut.parquet", "empty.csv"])
def test_its_extent_is_that_of_the_file_on_a_disk(files, name):
    [far], near = expand(f"s3://music/in/{name}")[0], files / name
    assert extent_of(far) == extent_of(near)
    assert reading_memory([far]) == reading_memory([near]) == reading_memory([far, far]) // 2


def test_rows_of_parquet_are_counted_without_the_whole_file(store, requests):
    buffer = io.BytesIO()
    pl.concat([songscape.synthesize_tracks(100_000, random_state=0)] * 2).write_parquet(buffer, compression="lz4")
    store.put_object(Bucket="music", Key="large.parquet", Body=buffer.getvalue())
    [file] = expand("s3://music/large.parquet")[0]
    assert extent_of(file).rows == 200_000
    assert sum(requests) < file.size / 4


@pytest.mark.parametrize("name", ["p0.parquet", "lines.jsonl", "t.csv", "t.csv.gz"])
def test_a_file_is_cut_as_on_a_disk(files, tmp_path, name):
    limits, params = Limits(300, 1 << 40), ReadParams()
    tracks = []
    for number, file in enumerate([expand(f"s3://music/in/{name}")[0][0], files / name]):
        blocks = cut_file(file, limits, params, tmp_path / f"copy-{number}")
        assert len(blocks) == 3
        tracks.append(pl.concat([read_block(block, params).tracks for block in blocks], how="diagonal"))
    assert_frame_equal(*tracks)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("s3://music/in", "is a folder. Name the file in it, or all of them: 's3://music/in/*.parquet'"),
        ("s3://music/in/", "all of them: 's3://music/in/*.parquet'"),
        ("s3://music/no.csv", "There is no file 's3://music/no.csv'. Check its bucket"),
        ("s3://music/no*.csv", "No file matches the pattern 's3://music/no*.csv'"),
        ("s3://nowhere/a.csv", "There is no file 's3://nowhere/a.csv'"),
        ("s3://music/in/empty.csv", "'empty.csv' is empty (0 bytes)"),
        ("s3://music/in/cut.parquet", "'cut.parquet' is a damaged or truncated parquet file"),
        ("shelf://music/a.csv", "is no address of a known store"),
    ],
)
def test_what_cannot_be_read_is_told(files, address, told):
    with pytest.raises(InputError) as raised:
        songscape.read_catalog(address)
    assert told in str(raised.value)


def test_a_store_that_does_not_answer_is_told(store, files, monkeypatch):
    import s3fs

    [file] = expand("s3://music/in/t.csv")[0]
    s3fs.S3FileSystem.clear_instance_cache()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for ask in (lambda: file.read(0, 10), lambda: songscape.read_catalog("s3://music/in/t.csv")):
        with pytest.raises(
            InputError, match=r"'s3://music/in/t\.csv' cannot be read: .* Check the address, the keys"
        ):
            ask()
    s3fs.S3FileSystem.clear_instance_cache()


def test_a_file_that_is_gone_when_it_is_read_is_told(store, files, tmp_path):
    store.put_object(Bucket="music", Key="gone.csv", Body=(files / "t.csv").read_bytes())
    [file] = expand("s3://music/gone.csv")[0]
    store.delete_object(Bucket="music", Key="gone.csv")
    [block] = cut_file(file, Limits(100, 1 << 40), ReadParams(), tmp_path / "copy")
    with pytest.raises(InputError, match=r"There is no file 's3://music/gone\.csv'"):
        read_block(block, ReadParams())


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_without_the_extra_it_is_told_how_to_get_it(monkeypatch, scheme):
    from fsspec.registry import _registry

    for package in ("s3fs", "gcsfs"):
        monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(_registry, scheme, raising=False)
    with pytest.raises(MissingExtraError, match="not installed"):
        songscape.read_catalog(f"{scheme}://music/t.csv")


@pytest.fixture(scope="module")
def cluster(store):
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as started:
        yield started


def hashes(folder):
    found = {path.name: sha256(path) for path in sorted(parts_folder(folder).glob("*.parquet"))}
    return found | {"model": sha256(folder / "arrays.npz"), "cards": sha256(folder / "groups.json")}


def test_workers_read_partitions_where_they_lie(files, cluster, tmp_path):
    """The command of the documentation, and the same bytes as from files on a disk."""
    built = []
    for name, where in (("far", "s3://music/in/p*.parquet"), ("near", str(files / "p*.parquet"))):
        flags = ["--engine", "dask", "--scheduler", cluster.scheduler_address, "--fitted-songs", "900"]
        result = CliRunner().invoke(app, ["build", where, "-o", str(tmp_path / name), *flags])
        assert result.exit_code == 0, result.output
        built.append(hashes(tmp_path / name))
    assert built[0] == built[1]
    assert len(built[0]) == len(SIZES) + 2
    told = read_manifest(tmp_path / "far")["parts"]
    assert [(part["source"], part["tracks"]) for part in told] == [(f"p{n}.parquet", s) for n, s in enumerate(SIZES)]


def test_commands_take_addresses(files, tmp_path):
    atlas = tmp_path / "atlas"
    result = CliRunner().invoke(app, ["build", "s3://music/in/p0.parquet", "-o", str(atlas)])
    assert result.exit_code == 0, result.output
    added = CliRunner().invoke(app, ["add", str(atlas), "s3://music/in/p1.parquet"])
    assert added.exit_code == 0, added.output
    assert songscape.load_atlas(atlas).table().height == SIZES[0] + SIZES[1]
    page = CliRunner().invoke(app, ["eda", "s3://music/in/t.csv", "-o", str(tmp_path / "page.html")])
    assert page.exit_code == 0, page.output
    parts = ["--engine", "parts", "--fitted-songs", "1000", "--block-rows", "300"]
    result = CliRunner().invoke(app, ["build", "s3://music/in/*.parquet", "-o", str(tmp_path / "parts"), *parts])
    assert result.exit_code == 0, result.output
    assert "cut.parquet" in result.output  # set aside, and told
    assert not list(parts_folder(tmp_path / "parts").glob("copy-*"))


def test_an_atlas_is_not_written_to_an_address(files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for more in ([], ["--engine", "parts"]):
        result = CliRunner().invoke(app, ["build", str(files / "t.csv"), "-o", "s3://music/atlas", *more])
        assert isinstance(result.exception, AtlasError)
        assert "an atlas is a folder on a disk" in str(result.exception)
        assert not list(tmp_path.iterdir())
