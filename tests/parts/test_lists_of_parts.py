"""Lists over all parts: near to those of an ordinary atlas, conditions met, the same bytes, inputs told if wrong."""

import numpy as np
import polars as pl
import pytest

import songscape
import songscape.parts.record as record
import songscape.parts.table as part_table
from songscape import JourneyRequest, PlaylistRequest
from songscape.errors import AtlasError, LimitsError, NotFoundError, ParameterError
from songscape.parts.asking import similar_look
from songscape.parts.names import Wanted, find_names
from songscape.parts.shortlist import find_nearest
from songscape.parts.table import ROW
from songscape.playlist.where import parse_where
from songscape.threads import use_threads


def rows_of(playlist):
    return [track.row for track in playlist.tracks]


def line_of(tracks, row):
    return f"{tracks['artists'][row][0]} - {tracks['title'][row]}"


def named_once(tracks, row):
    same = tracks.filter(
        pl.col("title") == tracks["title"][row], pl.col("artists").list.first() == tracks["artists"][row][0]
    )
    return same.height == 1 and "by" not in line_of(tracks, row).split()


@pytest.fixture(scope="module")
def seeds(tracks):
    """Rows with a genre, in each of the parts."""
    known = tracks.with_row_index("at").filter(pl.col("genres").list.len() > 0, "is_representative")["at"]
    return [int(known[place]) for place in (3, len(known) // 2, len(known) - 3)]


def test_all_tracks_of_all_parts_are_there(parts, tracks, whole):
    assert len(parts) == tracks.height == len(whole.catalog)
    assert tracks["title"].equals(whole.catalog.tracks["title"])
    assert repr(parts).startswith("Parts(800 tracks, 3 parts, model of")
    own = tracks[parts.model_rows].select("title", "x", "y")
    assert own.equals(parts.model.table().select("title", "x", "y"))


def test_the_most_similar_are_those_of_an_ordinary_atlas(parts, whole, seeds):
    """Few tracks: the small catalog holds them all, and only the sample's scaling tells the two apart."""
    family = whole.catalog.tracks["version_family"].to_numpy()
    shared, by_chance = [], []
    for number, row in enumerate(seeds):
        theirs = {family[found] for found in rows_of(songscape.find_similar(whole, f"row:{row}", n=50))}
        ours = {family[found] for found in rows_of(parts.similar(f"row:{row}", n=50))}
        strangers = set(family[np.random.default_rng(number).permutation(len(family))[:50]])
        shared.append(len(ours & theirs) / 50)
        by_chance.append(len(strangers & theirs) / 50)
    assert np.mean(shared) > 0.8
    assert np.mean(by_chance) < 0.15  # the control


def test_a_short_shortlist_keeps_the_best(parts, whole, seeds):
    """A tenth of all tracks, ranked by the look alone, against a tenth by chance."""
    family = whole.catalog.tracks["version_family"].to_numpy()
    kept, by_chance = [], []
    for number, row in enumerate(seeds):
        theirs = {family[found] for found in rows_of(songscape.find_similar(whole, f"row:{row}", n=30))}
        named = find_names(parts.table, Wanted((f"row:{row}",)))
        look = similar_look(parts._library(named), f"row:{row}", {})
        ours = set(family[find_nearest(parts.table, look, 80).tracks[ROW].to_numpy()])
        strangers = set(family[np.random.default_rng(number).permutation(len(family))[:80]])
        kept.append(len(ours & theirs) / 30)
        by_chance.append(len(strangers & theirs) / 30)
    assert np.mean(kept) > 0.9
    assert np.mean(by_chance) < 0.25


def test_a_filter_that_leaves_few_finds_the_best_of_them(parts, tracks, seeds, monkeypatch):
    monkeypatch.setattr(record, "SHORTLIST", 5)
    monkeypatch.setattr(record, "_PER_TRACK", 1)
    monkeypatch.setattr(record, "REFERENCE", 100)
    opened = record.Parts(parts.model, parts.table, parts.model_rows)  # with a reference of its own
    request = PlaylistRequest(like=[f"row:{seeds[0]}"], where="energy > 0.9 and year >= 2015", length=3)
    found = tracks[rows_of(opened.playlist(request))]
    assert found.height == 3
    assert found["energy"].min() > 0.9
    assert found["year"].min() >= 2015


def test_conditions_are_counted_over_all_parts(parts, tracks):
    where = parse_where("energy > 0.5 and year >= 1990", tracks.schema)
    masks = [(tracks["energy"] > 0.5).fill_null(False), (tracks["year"] >= 1990).fill_null(False)]
    found = find_nearest(parts.table, lambda batch: np.zeros(batch.height), 10, where)
    assert [(count.alone, count.together) for count in found.counts] == [
        (masks[0].sum(), masks[0].sum()),
        (masks[1].sum(), (masks[0] & masks[1]).sum()),
    ]
    assert list(found.without.values()) == [masks[1].sum(), masks[0].sum()]
    first = np.flatnonzero((masks[0] & masks[1]).to_numpy())[:10]
    assert found.tracks[ROW].to_list() == first.tolist()  # of equal scores the first rows
    with pytest.raises(LimitsError, match=r"No track is left by 'energy > 2'.*\n.*year > 1990: .* tracks alone"):
        parts.playlist(PlaylistRequest(where="year > 1990 and energy > 2"))
    unknown = tracks["year"].null_count()
    notes = parts.playlist(PlaylistRequest(years="1990-", length=3)).notes
    assert any(note.startswith(f"{unknown} track") for note in notes) == bool(unknown)


def test_limits_that_clash_are_told_with_counts_of_all_parts(parts, tracks):
    artist = tracks["artists"].list.first().value_counts(sort=True).drop_nulls()["artists"][0]
    n = tracks.filter(pl.col("artists").list.contains(artist)).height
    request = PlaylistRequest(where=f"artist = '{artist}' and energy >= 0", per_artist=1, length=5)
    with pytest.raises(LimitsError, match=rf"leave {n} tracks; without artist = .* there are {tracks.height}\."):
        parts.playlist(request)


def test_where_limits_clash_it_is_told_that_more_tracks_were_there(parts, seeds, monkeypatch):
    monkeypatch.setattr(record, "SHORTLIST", 20)
    monkeypatch.setattr(record, "_PER_TRACK", 1)
    monkeypatch.setattr(record, "REFERENCE", 1)
    opened = record.Parts(parts.model, parts.table, parts.model_rows)
    request = PlaylistRequest(like=[f"row:{seeds[0]}"], length=60, per_artist=1)
    with pytest.raises(LimitsError, match=r"Only the 60 that come nearest of 800 tracks were looked at\."):
        opened.playlist(request)


def test_names_are_found_in_any_part(parts, tracks, seeds):
    row = next(row for row in range(seeds[2], 0, -1) if named_once(tracks, row))
    line = line_of(tracks, row)
    assert rows_of(parts.playlist(PlaylistRequest(include=[line], where="energy >= 0", length=1))) == [row]
    by_typo = parts.similar(line[:-1] + "qq", n=3)
    assert any(note.startswith(f"'{line[:-1]}qq' was taken for {line}") for note in by_typo.notes)
    assert rows_of(by_typo) == rows_of(parts.similar(line, n=3)) == rows_of(parts.similar(f"row:{row}", n=3))
    with pytest.raises(NotFoundError, match=r"There is no row '800'\. Rows go from 0 to 799\."):
        parts.similar("row:800")
    with pytest.raises(NotFoundError, match="nor a name near to it"):
        parts.similar("Zzyzx Qwrtp - Vbnmx")


def test_a_song_of_two_parts_is_one_song(parts, tracks):
    assert tracks["title"][0] == tracks["title"][-1]
    assert parts.similar(line_of(tracks, 0), n=200).notes == parts.similar("row:0", n=200).notes  # one song, not two
    assert tracks.height - 1 not in rows_of(parts.similar("row:0", n=200))


def test_several_songs_of_one_name_are_told_by_their_rows_over_all_parts(parts, tracks):
    titled = tracks.with_row_index("at").filter(pl.col("title").is_not_null())
    several = titled.group_by("title", maintain_order=True).agg("at", pl.col("artists").n_unique().alias("n"))
    title, rows, _ = several.filter(pl.col("n") > 1).row(0)
    with pytest.raises(NotFoundError, match=r"names \d+ songs") as error:
        parts.similar(title)
    assert {int(one.removeprefix("row:")) for one in error.value.suggestions} <= set(rows)


def test_artists_and_tracks_stay_out(parts, tracks, seeds):
    like = PlaylistRequest(like=[f"row:{seeds[1]}"], length=8)
    before = parts.playlist(like)
    artist = tracks["artists"][before.tracks[0].row][0]
    left_out = before.tracks[1].row
    request = like.with_changes(exclude_artists=[artist.upper()], exclude=[f"row:{left_out}"])
    after = rows_of(parts.playlist(request))
    assert left_out not in after
    assert all(artist not in tracks["artists"][row] for row in after)
    with pytest.raises(NotFoundError, match="no artist 'Zzyzx Qwrtp'"):
        parts.playlist(like.with_changes(exclude_artists=["Zzyzx Qwrtp"]))


def test_a_journey_goes_from_one_part_to_another(parts, tracks, seeds):
    request = JourneyRequest(start=f"row:{seeds[0]}", end=f"row:{seeds[2]}", via=[f"row:{seeds[1]}"], length=12)
    made = parts.journey(request)
    rows = rows_of(made)
    assert (rows[0], rows[-1], len(set(rows))) == (seeds[0], seeds[2], 12)
    assert seeds[1] in rows
    assert made.request == request.as_dict()
    assert [track.item.title for track in made.tracks] == [tracks["title"][row] or "" for row in rows]


def test_a_list_is_put_in_order_and_mended_out_of_all_parts(parts, tracks, seeds, tmp_path):
    mine = [f"row:{row}" for row in (*seeds, 7, 400, 600)]
    ordered = parts.reorder(mine, n_mends=3)
    assert sorted(rows_of(ordered)) == sorted([*seeds, 7, 400, 600])
    assert ordered.mends
    assert {track.row for track in ordered.mends}.isdisjoint(rows_of(ordered))
    file = tmp_path / "mine.csv"
    ordered.save(file)
    again = parts.reorder(file)
    assert len(again) >= len(ordered) - 1  # names that several songs have may be taken for another
    filtered = parts.reorder(mine, request=PlaylistRequest(smoothness=1.0, where="energy > 0.6"))
    assert all(tracks["energy"][mend.row] > 0.6 for mend in filtered.mends)
    liked = parts.playlist(PlaylistRequest(like_files=[str(file)], length=4))
    assert set(rows_of(liked)).isdisjoint(rows_of(ordered))


def test_moods_and_groups(parts, tracks):
    card = parts.model.cards["coarse"][0]
    made = parts.playlist(PlaylistRequest(groups=[card["name"]], length=10))
    assert set(tracks[rows_of(made)]["group_coarse"]) == {card["name"]}
    strength = tracks.filter(pl.col("group_coarse") == card["name"])["group_coarse_strength"]
    assert tracks[rows_of(made)]["group_coarse_strength"].mean() > strength.mean()
    glad = tracks[rows_of(parts.playlist(PlaylistRequest(emotions=["joy"], target={"energy": 0.9}, length=10)))]
    assert glad["emotion"].eq("joy").all()
    assert abs(glad["energy"].median() - 0.9) < 0.1


def test_what_a_list_shall_be_unlike_steps_back(parts, seeds):
    like = PlaylistRequest(like=[f"row:{seeds[0]}"], length=10, variety=0.0)
    first = rows_of(parts.playlist(like))[0]
    assert first not in rows_of(parts.playlist(like.with_changes(unlike=[f"row:{first}"])))


@pytest.mark.parametrize("n_threads", [1, 2])
def test_the_same_lists_for_any_number_of_threads_and_size_of_batches(parts, seeds, monkeypatch, n_threads):
    requests = [PlaylistRequest(like=[f"row:{seeds[0]}"], length=6), PlaylistRequest(where="energy > 0.5", length=6)]
    before = [parts.playlist(request).as_dict() for request in requests]
    monkeypatch.setattr(part_table, "BATCH", 90)
    monkeypatch.setattr(record, "SHORTLIST", 20_000)
    with use_threads(n_threads):
        assert [parts.playlist(request).as_dict() for request in requests] == before


def test_only_a_batch_and_the_shortlist_are_held(parts, monkeypatch):
    monkeypatch.setattr(part_table, "BATCH", 100)
    seen = []

    def look(batch):
        seen.append(batch.height)
        return batch["energy"].fill_null(0.0).to_numpy().copy()

    found = find_nearest(parts.table, look, 30).tracks
    assert max(seen) == 100
    assert sum(seen) == len(parts)
    assert found.height == 30
    everything = parts.table.gather(np.arange(len(parts)))["energy"].fill_null(0.0)
    assert found["energy"].min() >= everything.sort(descending=True)[29]


def test_wrong_requests_are_told(parts, tmp_path):
    with pytest.raises(ParameterError, match="must be a PlaylistRequest"):
        parts.playlist(JourneyRequest(start="row:1", end="row:2"))
    with pytest.raises(ParameterError, match="Leave learned out"):
        parts.playlist(PlaylistRequest(like=["row:1"], learned="learned.npz"))
    with pytest.raises(ParameterError, match=r"an int in \[1, 1000\]"):
        parts.similar("row:1", n=0)
    with pytest.raises(ParameterError, match="no column 'enrgy'"):
        parts.playlist(PlaylistRequest(where="enrgy > 0.5"))
    with pytest.raises(AtlasError, match="There are no parts beside"):
        songscape.open_parts(tmp_path)
