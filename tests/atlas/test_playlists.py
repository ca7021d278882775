"""Playlists of an atlas: what was asked for holds, the same request gives the same list, tracks have reasons."""

import json

import numpy as np
import polars as pl
import pytest

import songscape
from songscape.atlas.playlists import library_of
from songscape.errors import LimitsError, NotFoundError, ParameterError
from songscape.playlist.score import score_songs
from songscape.playlist.twins import twins_of

REQUEST = songscape.PlaylistRequest


@pytest.fixture(scope="module")
def atlas():
    catalog = songscape.read_catalog(songscape.synthesize_tracks(3000, random_state=1))
    return songscape.build_atlas(catalog)


def line(atlas, row):
    return library_of(atlas).item(row).line


def songs_of(playlist):
    return [track.song for track in playlist.tracks]


def artists_of(playlist):
    return [set(track.item.artists) for track in playlist.tracks]


@pytest.mark.parametrize("seed", range(6))
def test_limits_hold(atlas, seed):
    rng = np.random.default_rng(seed)
    like = [f"row:{row}" for row in rng.integers(0, len(atlas.catalog), 3)]
    request = REQUEST(like=like, length=25, per_artist=2, artist_gap=4, years="1980-2010", random_state=seed)
    playlist = songscape.build_playlist(atlas, request)
    assert len(playlist) == len(set(songs_of(playlist))) == 25
    assert all(1980 <= track.item.year <= 2010 for track in playlist.tracks)
    seeds = {int(atlas.song_of[int(text[4:])]) for text in like}
    assert not seeds & set(songs_of(playlist))  # nor another version of them
    names = artists_of(playlist)
    counts = {}
    for one in names:
        for name in one:
            counts[name] = counts.get(name, 0) + 1
    assert max(counts.values()) <= 2
    gap_note = any("apart" in note for note in playlist.notes)
    for i, one in enumerate(names):
        assert gap_note or not any(one & other for other in names[i + 1 : i + 5])


def test_the_same_request_gives_the_same_list_and_another_seed_another(atlas):
    request = REQUEST(like=["row:5"], length=20)
    first = songscape.build_playlist(atlas, request)
    again = songscape.build_playlist(songscape.build_atlas(atlas.catalog, atlas.config), request)
    assert first.as_dict() == again.as_dict()
    others = [songscape.build_playlist(atlas, request.with_changes(random_state=seed)) for seed in (1, 2, 3)]
    assert any(songs_of(other) != songs_of(first) for other in others)


def test_what_was_taken_for_a_title_is_told(atlas):
    counts = atlas.catalog.tracks["title"].str.to_lowercase().value_counts(sort=True)
    titles = atlas.catalog.tracks["title"].drop_nulls().to_list()
    alone = {title for title, count in counts.iter_rows() if count == 1}
    title = next(title for title in titles if title.lower() in alone and title.isascii() and " - " not in title)
    notes = songscape.find_similar(atlas, title, n=3).notes
    assert [note for note in notes if note.startswith(f"'{title}' was taken for the title of ")]


def test_reasons_parts_and_prices_add_up(atlas):
    playlist = songscape.build_playlist(atlas, REQUEST(like=["row:5", "row:900"], target={"energy": 0.9}, length=12))
    seeds = {line(atlas, 5), line(atlas, 900)}
    for place, track in enumerate(playlist.tracks):
        assert track.near in seeds
        assert track.score == pytest.approx(sum(track.parts.values()), abs=1e-3)
        assert "target" in track.parts
        if place < 11:
            assert track.price == pytest.approx(sum(track.price_parts.values()), abs=1e-5)
        else:
            assert track.price is None
    assert playlist.card["playlist"]["coherence"] > playlist.card["random"]["coherence"]
    json.dumps(playlist.as_dict(), allow_nan=False)
    assert playlist.table().height == 12


def test_songs_of_moods_and_groups_tell_what_they_have_of_them(atlas):
    tracks, songs = atlas.catalog.tracks, library_of(atlas).songs
    emotion = songs.emotions[0]
    playlist = songscape.build_playlist(
        atlas, REQUEST(emotions={emotion: 1.0}, target={"energy": 0.9, "tempo": 150}, length=8)
    )
    for track in playlist.tracks:
        energy, tempo = tracks["energy"][track.row], tracks["tempo"][track.row]
        felt = [emotion] if songs.emotion[track.song] == 0 else []
        assert list(track.why) == [*felt, f"energy {energy:.2f}, tempo {tempo:.0f}"]
        assert track.near == ""
    name, scale = atlas.cards["coarse"][0]["name"], atlas.groups.scale("coarse")
    for track in songscape.build_playlist(atlas, REQUEST(groups={"coarse:0": 1.0}, length=5)).tracks:
        held = slice(*scale.indptr[track.song : track.song + 2])
        strength = scale.weights[held][scale.members[held] == 0].sum()
        assert track.reason == f"{name}, strength {strength:.2f}"


def test_songs_of_a_filter_tell_its_values_and_what_they_are(atlas):
    playlist = songscape.build_playlist(atlas, REQUEST(where="energy > 0.8", include=["row:3"], length=6))
    for track in playlist.tracks:
        energy = f"energy {atlas.catalog.tracks['energy'][track.row]:.2f}"
        assert track.reason == "asked for" if track.row == 3 else track.why[0] == energy and len(track.why) > 1


def test_fixed_places_and_tracks_that_must_be_in(atlas):
    request = REQUEST(like=["row:5"], include=["row:77"], places={1: "row:10", 8: "row:20"}, length=8)
    playlist = songscape.build_playlist(atlas, request)
    songs = songs_of(playlist)
    assert songs[0] == atlas.song_of[10]
    assert songs[7] == atlas.song_of[20]
    assert atlas.song_of[77] in songs


def test_a_group_alone_gives_only_its_songs(atlas):
    scale = atlas.groups.scale("coarse")
    playlist = songscape.build_playlist(atlas, REQUEST(groups=["coarse:1"], length=15))
    assert all(scale.labels[song] == 1 for song in songs_of(playlist))
    name = atlas.cards["coarse"][1]["name"]
    assert songs_of(songscape.build_playlist(atlas, REQUEST(groups=[name], length=15))) == songs_of(playlist)


def test_a_target_pulls_the_list_to_its_value(atlas):
    high = songscape.build_playlist(atlas, REQUEST(target={"energy": 0.95}, length=20))
    low = songscape.build_playlist(atlas, REQUEST(target={"energy": 0.1}, length=20))
    energy = atlas.catalog.tracks["energy"]
    mean = [np.mean([energy[track.row] for track in one.tracks]) for one in (high, low)]
    assert mean[0] > 0.8
    assert mean[1] < 0.3


def test_an_emotion_alone_gives_only_its_songs(atlas):
    emotion = atlas.catalog.tracks["emotion"].drop_nulls().mode().sort()[0]
    playlist = songscape.build_playlist(atlas, REQUEST(emotions=[emotion], length=10))
    assert {atlas.catalog.tracks["emotion"][track.row] for track in playlist.tracks} == {emotion}


def gappy_atlas(**columns):
    """An atlas of 300 tracks in which columns are as given."""
    tracks = songscape.synthesize_tracks(300, random_state=4)
    taken = ("Genre", "Release Date")  # what is given comes under other names
    tracks = tracks.drop(taken).with_columns(**columns)
    return songscape.build_atlas(songscape.read_catalog(tracks))


def every(n, values):
    """A column in which every n-th value is known."""
    return pl.Series([value if i % n == 0 else None for i, value in enumerate(values)])


def test_a_share_of_what_is_not_asked_for_is_told(atlas):
    idle = "The mixture names like, but nothing is asked of that kind: it counts nothing."
    told = songscape.build_playlist(atlas, REQUEST(emotions="joy", mixture={"like": 2, "emotions": 3}, length=5))
    used = songscape.build_playlist(atlas, REQUEST(emotions="joy", like="row:3", mixture={"like": 2}, length=5))
    assert idle in told.notes
    assert not any("mixture" in note for note in used.notes)


def test_a_short_list_of_different_artists_needs_no_larger_gap(atlas):
    for length in (1, 2, 3):
        playlist = songscape.build_playlist(atlas, REQUEST(like="row:3", length=length, per_artist=1, artist_gap=5))
        assert not any("apart" in note for note in playlist.notes)
    artists = [names[0] for names in atlas.catalog.tracks["artists"].to_list()]
    songs = library_of(atlas).song_of
    pair = next((a, b) for a in range(99) for b in range(a) if artists[a] == artists[b] and songs[a] != songs[b])
    told = songscape.reorder_playlist(atlas, [f"row:{row}" for row in pair], request=REQUEST(artist_gap=2)).notes
    assert any(note.startswith("Tracks of one artist stand 0 tracks apart, not ") for note in told)


def test_minutes_are_met_and_unknown_durations_are_told():
    timed = gappy_atlas(duration_ms=every(2, [180_000 + 1000 * i for i in range(300)]))
    playlist = songscape.build_playlist(timed, REQUEST(like=["row:5"], minutes=45))
    median = timed.catalog.tracks["duration"].median()
    seconds = [track.item.duration or median for track in playlist.tracks]
    assert sum(seconds) == pytest.approx(2700, abs=0.51 * median)
    unknown = sum(track.item.duration is None for track in playlist.tracks)
    assert unknown
    assert any(note.startswith(f"The duration of {unknown} track") for note in playlist.notes)


def test_minutes_in_a_catalog_without_durations_are_told(atlas):
    playlist = songscape.build_playlist(atlas, REQUEST(like=["row:5"], minutes=35))
    assert len(playlist) == 10
    assert "The duration of 10 tracks is unknown and counts as 3:30." in playlist.notes
    assert not any("duration" in note for note in songscape.build_playlist(atlas, REQUEST(like=["row:5"])).notes)


def test_tracks_without_year_or_genre_are_told():
    bare = gappy_atlas(year=every(3, range(1950, 2250)), genre=every(4, ["jazz", "rock"] * 150))
    songs = library_of(bare).songs
    lost = [f"row:{songs.rows[song]}" for song in np.flatnonzero(np.isnan(songs.year))[:2]]
    playlist = songscape.build_playlist(bare, REQUEST(like=lost, years="1960-2100", length=5))
    assert all(1960 <= track.item.year <= 2100 for track in playlist.tracks)
    assert "Of 2 tracks to be like the year is unknown: it counts nothing there." in playlist.notes
    assert any(note.endswith("tracks of the catalog cannot be in: unknown year.") for note in playlist.notes)


@pytest.mark.parametrize("seed", range(4))
def test_a_filter_that_leaves_little_leaves_the_nearest_of_it(atlas, seed):
    rng = np.random.default_rng(seed)
    tempo = atlas.catalog.tracks["tempo"].to_numpy()
    low, high = np.sort(tempo)[[700 + seed, 705 + seed]].tolist()  # about ten tracks of 3000
    where = f"tempo >= {low} and tempo <= {high}"
    like = [f"row:{row}" for row in rng.integers(0, 3000, 2)]
    free = {"per_artist": 100, "artist_gap": 0, "variety": 0.0, "where": where}
    rows = np.flatnonzero((tempo >= low) & (tempo <= high))
    library = library_of(atlas)
    seeds = np.array([atlas.song_of[int(text[4:])] for text in like], np.int32)
    left = np.setdiff1d(atlas.song_of[rows], seeds)
    score = score_songs(library.content, seeds).total
    best = left[np.argsort(-score[left], kind="stable")]
    found = songscape.build_playlist(atlas, REQUEST(like=like, length=4, **free))
    assert sorted(songs_of(found)) == sorted(best[:4].tolist())
    assert {track.row for track in found.tracks} <= set(rows.tolist())  # shown by a track that meets the condition


def test_unlike_moves_away(atlas):
    plain = songscape.build_playlist(atlas, REQUEST(like=["row:5"], length=30))
    foe = plain.tracks[3]
    against = songscape.build_playlist(atlas, REQUEST(like=["row:5"], unlike=[f"row:{foe.row}"], length=30))
    assert foe.song not in songs_of(against)
    assert all(track.parts.get("unlike", -1.0) < 0.0 for track in against.tracks)
    X = atlas.X[atlas.songs]

    def apart(playlist):
        return np.linalg.norm(X[songs_of(playlist)] - X[foe.song], axis=1).mean()

    assert apart(against) > apart(plain)


def test_weights_of_what_it_should_be_unlike_count(atlas):
    best = songscape.find_similar(atlas, "row:5", n=12).tracks
    names = [f"row:{best[place].row}" for place in (0, 11)]

    def built(*weights):
        foes = dict(zip(names, weights, strict=False))
        return songscape.build_playlist(atlas, REQUEST(like=["row:5"], unlike=foes, length=30, artist_gap=0))

    assert songs_of(built(20, 1)) != songs_of(built(1, 20))
    assert built(1, 0).tracks[0].parts == built(1).tracks[0].parts  # of weight 0: as if it were not there
    liked = REQUEST(like={"row:5": 1, "row:9": 0}, length=10)
    assert songs_of(songscape.build_playlist(atlas, liked)) == songs_of(
        songscape.build_playlist(atlas, REQUEST(like=["row:5"], length=10))
    )


def test_twins_of_what_was_named_do_not_appear(atlas):
    tracks = atlas.catalog.tracks
    of_nobody = tracks.with_columns(
        artists=pl.lit([], pl.List(pl.String)), id=pl.format("twin{}", pl.int_range(pl.len()))
    )
    shifted = of_nobody.with_columns(pl.col("energy") * 0.9 + 0.05, pl.col("tempo") + 1.0).head(400)
    both = songscape.read_catalog(pl.concat([tracks.head(400), shifted]).drop("version_family", "is_representative"))
    doubled = songscape.build_atlas(both)
    library = library_of(doubled)
    song = int(library.song_of[5])
    twins = set(twins_of(library.songs, np.array([song], np.int32)).tolist())
    assert int(library.song_of[405]) in twins
    found = songscape.find_similar(doubled, "row:5", n=700)
    assert not twins & set(songs_of(found))
    listed = songscape.build_playlist(doubled, REQUEST(like=["row:5"], length=300, per_artist=300, artist_gap=0))
    assert not twins & set(songs_of(listed))
    traveled = songscape.plan_journey(doubled, songscape.JourneyRequest(start="row:5", end="row:90", length=30))
    assert not twins & set(songs_of(traveled))


def test_clashing_limits_name_themselves(atlas):
    with pytest.raises(LimitsError, match="No track is left by"):
        songscape.build_playlist(atlas, REQUEST(where="year > 2090"))
    artist = atlas.catalog.tracks["artists"][5][0].replace("'", "''")
    with pytest.raises(LimitsError, match="artist"):
        songscape.build_playlist(atlas, REQUEST(where=f"artist = '{artist}'", length=30, per_artist=1))


def test_limits_that_clash_together_are_named_together(atlas):
    artists = atlas.catalog.tracks["artists"].list.first()
    artist = artists.drop_nulls().value_counts(sort=True)[artists.name][0].replace("'", "''")
    alone = REQUEST(where=f"artist = '{artist}'", length=6, per_artist=1, artist_gap=2)
    with pytest.raises(LimitsError, match=r"or for per_artist 6 together with artist_gap 0\."):
        songscape.build_playlist(atlas, alone)
    assert len(songscape.build_playlist(atlas, alone.with_changes(per_artist=6, artist_gap=0))) == 6


def test_an_excluded_artist_that_was_taken_for_another_is_told(atlas):
    named = {name for names in atlas.catalog.tracks["artists"].to_list() for name in names}
    name = max(named, key=len)
    typo = name[:-2] + name[-1]
    told = songscape.build_playlist(atlas, REQUEST(like="row:3", exclude_artists=[typo], length=5)).notes
    assert f"'{typo}' was taken for the artist {name}." in told
    right = songscape.build_playlist(atlas, REQUEST(like="row:3", exclude_artists=[name], length=5)).notes
    assert not any("artist" in note for note in right)


def test_a_track_that_must_be_in_and_must_not_is_in_and_told(atlas):
    artist = next(names[0] for names in atlas.catalog.tracks["artists"].to_list()[5:])
    for ruled_out in ({"exclude_artists": [artist]}, {"exclude": ["row:5"]}):
        request = REQUEST(like="row:40", include=["row:5"], length=5, **ruled_out)
        playlist = songscape.build_playlist(atlas, request)
        assert 5 in [track.row for track in playlist.tracks]
        assert f"{line(atlas, 5)} is in as asked, though it is excluded, too." in playlist.notes
    told = songscape.build_playlist(
        atlas, REQUEST(like="row:40", include=["row:5"], exclude=["row:9"], length=5)
    ).notes
    assert not any("excluded" in note for note in told)


def test_clashing_conditions_are_named_with_the_one_that_leaves_most(atlas):
    tracks = atlas.catalog.tracks
    left = int((tracks["year"].is_between(1999, 1999) & tracks["explicit"]).sum())
    wider = {"year between 1999 and 1999": int(tracks["explicit"].sum())}
    wider["explicit"] = int((tracks["year"] == 1999).sum())
    widest = max(wider, key=wider.get)
    with pytest.raises(LimitsError) as caught:
        songscape.build_playlist(atlas, REQUEST(years="1999-1999", explicit="only", length=400))
    assert f"year between 1999 and 1999 and explicit leave {left} track" in str(caught.value)
    assert f"without {widest} there are {wider[widest]}." in str(caught.value)


def test_unknown_names_are_told_with_suggestions(atlas):
    with pytest.raises(NotFoundError, match=r"has no track"):
        songscape.build_playlist(atlas, REQUEST(like=["qqqq zzzz - xxxx"]))
    with pytest.raises(NotFoundError):
        songscape.build_playlist(atlas, REQUEST(groups=["no such group at all"]))
    with pytest.raises(ParameterError, match="PlaylistRequest"):
        songscape.build_playlist(atlas, {"like": "row:1"})


def test_a_journey_starts_and_ends_where_asked(atlas):
    request = songscape.JourneyRequest(start="row:3", end="row:800", via=["row:50"], length=15)
    journey = songscape.plan_journey(atlas, request)
    songs = songs_of(journey)
    assert (journey.tracks[0].row, journey.tracks[-1].row) == (3, 800)
    assert atlas.song_of[50] in songs[1:-1]
    via = journey.tracks[songs.index(atlas.song_of[50])]
    assert [journey.tracks[0].reason, via.reason, journey.tracks[-1].reason] == ["start", "via", "end"]
    assert journey.table()["reason"].to_list()[-1] == "end"
    assert len(set(songs)) == len(songs) == 15
    X = atlas.X[atlas.songs]
    steps = np.linalg.norm(np.diff(X[songs], axis=0), axis=1)
    shuffled = np.random.default_rng(0).permutation(len(atlas.songs))[:15]
    assert steps.mean() < 0.8 * np.linalg.norm(np.diff(X[shuffled], axis=0), axis=1).mean()


def test_reorder_keeps_the_songs_and_lowers_the_price(atlas, tmp_path):
    names = [f"row:{row}" for row in np.random.default_rng(2).integers(0, len(atlas.catalog), 40)]
    ordered = songscape.reorder_playlist(atlas, names)
    assert set(songs_of(ordered)) == {int(atlas.song_of[int(name[4:])]) for name in names}
    assert "before" in ordered.notes[0]
    assert len(ordered.mends) <= 5
    worst = max(track.price for track in ordered.tracks[:-1])
    assert all(mend.price < worst for mend in ordered.mends)
    assert not {mend.song for mend in ordered.mends} & set(songs_of(ordered))
    written = ordered.save(tmp_path / "mine.csv")
    again = songscape.reorder_playlist(atlas, written)
    assert set(songs_of(again)) == set(songs_of(ordered))


@pytest.mark.parametrize("suffix", ["m3u8", "xspf", "jspf", "csv", "json", "txt"])
def test_a_playlist_comes_back_from_its_file_as_seeds(atlas, tmp_path, suffix):
    playlist = songscape.build_playlist(atlas, REQUEST(like=["row:5"], length=10))
    file = playlist.save(tmp_path / f"list.{suffix}")
    more = songscape.build_playlist(atlas, REQUEST(like_files=[str(file)], length=5))
    assert not set(songs_of(more)) & set(songs_of(playlist))  # all of them were found, and are seeds


def test_a_file_is_taken_at_its_word_and_told_what_is_near(atlas, tmp_path):
    right = line(atlas, 5)
    mine = tmp_path / "mine.txt"
    mine.write_text(f"{right}\n{line(atlas, 9)}x\nNobody at all - Qqqqzzzz\n", encoding="utf-8")
    ordered = songscape.reorder_playlist(atlas, mine)
    assert len(ordered) == 1
    [told] = [note for note in ordered.notes if note.startswith("Not in the atlas")]
    assert f"{line(atlas, 9)}x (there is {line(atlas, 9)})" in told
    assert told.endswith("Nobody at all - Qqqqzzzz.")
    assert not [note for note in ordered.notes if "apart" in note]  # one track has no gap


def test_similar_tracks_leave_the_track_itself_out(atlas):
    found = songscape.find_similar(atlas, "row:5", n=25)
    scores = [track.score for track in found.tracks]
    assert scores == sorted(scores, reverse=True)
    assert atlas.song_of[5] not in songs_of(found)
    assert len(set(songs_of(found))) == 25
    with pytest.raises(ParameterError, match="'n' parameter"):
        songscape.find_similar(atlas, "row:5", n=0)


def test_tiny_catalogs_still_give_lists():
    table = pl.DataFrame({"title": list("abcd"), "artist": list("wxyz"), "energy": [0.1, 0.4, 0.6, 0.9]})
    atlas = songscape.build_atlas(songscape.read_catalog(table))
    playlist = songscape.build_playlist(atlas, REQUEST(like=["row:0"], length=2))
    assert len(playlist) == 2
    assert len(songscape.find_similar(atlas, "row:0")) == 3
    with pytest.raises(LimitsError):
        songscape.build_playlist(atlas, REQUEST(like=["row:0"], length=30))
    with pytest.raises(LimitsError):
        songscape.plan_journey(atlas, songscape.JourneyRequest(start="row:0", end="row:1", length=20))


@pytest.mark.parametrize("asked", [{"groups": ["coarse:0"]}, {"target": {"energy": 0.6}}, {"where": "energy > 0.2"}])
def test_what_meets_a_request_equally_well_is_drawn_by_the_state(atlas, asked):
    one, same, other = (
        set(songs_of(songscape.build_playlist(atlas, REQUEST(**asked, length=10, random_state=state))))
        for state in (3, 3, 4)
    )
    assert one == same
    assert one != other


def test_what_is_typical_of_a_group_comes_before_its_edge(atlas):
    members = np.flatnonzero(atlas.groups.scale("coarse").nearest == 0)
    playlist = songscape.build_playlist(atlas, REQUEST(groups=["coarse:0"], length=15, variety=0.0))
    X = atlas.X[atlas.songs]
    away = ((X - np.median(X[members], axis=0)) ** 2).sum(axis=1)
    assert away[songs_of(playlist)].mean() < 0.9 * away[members].mean()


def test_an_arc_that_a_target_holds_is_told(atlas):
    asked = {"target": {"energy": 0.6}, "length": 8}
    held = songscape.build_playlist(atlas, REQUEST(**asked, arc={"energy": "rising"}))
    assert "The arc of energy has little room: its target takes only tracks near 0.6." in held.notes
    assert songscape.build_playlist(atlas, REQUEST(**asked, arc={"tempo": "rising"})).notes == ()


def test_a_journey_to_where_one_is_already_is_refused(atlas):
    request = songscape.JourneyRequest(start="row:3", end="row:3", length=6)
    with pytest.raises(ParameterError, match="'row:3' and 'row:3' are the same song"):
        songscape.plan_journey(atlas, request)
