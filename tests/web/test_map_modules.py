"""What the page computes is what Python computes: neighbors, prices, search, orders, spreadsheets."""

import base64
import hashlib
import re
from importlib.resources import files
from itertools import combinations, pairwise, permutations

import numpy as np
import pytest

from songscape.atlas.playlists.library import library_of
from songscape.drawing.palette import color_distances
from songscape.interpretation.grounds import SENTENCES, told
from songscape.interpretation.records import Ground
from songscape.interpretation.words import ALL, COMPARATIVES, EMOTIONS, NOTHING, meanings
from songscape.playlist.formats import read_playlist
from songscape.playlist.transitions import key_prices, price_matrix
from songscape.playlist.where import parse_where
from songscape.web.packing import pack_details, pack_points, pack_text
from songscape.web.page import joined_modules, live_page, offline_page, static_files
from songscape.web.printable import to_printable

pytestmark = pytest.mark.slow

_OPEN = """async (parts) => {
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer;
  const { readBuffer, Texts } = module_data;
  const tracks = new module_columns.Tracks(readBuffer(bytes(parts.points)));
  const texts = new Texts(readBuffer(bytes(parts.text)));
  const details = new module_details.Details(readBuffer(bytes(parts.details)), tracks);
  const prices = new module_prices.Prices(tracks);
  const lists = new module_lists.Lists(tracks, texts, details, prices);
  const index = await new module_search.SearchIndex(texts).ready;
  window.w = { tracks, texts, details, prices, lists, index, lit: new Uint8Array(tracks.n).fill(1) };
}"""


@pytest.fixture(scope="module")
def page(atlas, browser):
    opened = browser.new_page()
    opened.set_content("<p></p>")
    opened.add_script_tag(
        content=joined_modules(
            "exports.js", "engine.js", "columns.js", "search.js", "filters.js", "cards.js", "map.js"
        )
    )
    makers = {"points": pack_points, "text": pack_text, "details": pack_details}
    opened.evaluate(_OPEN, {name: base64.b64encode(make(atlas)).decode() for name, make in makers.items()})
    return opened


def test_neighbors_versions_and_memberships(page, atlas):
    rows = list(range(0, 700, 23))
    found = page.evaluate("rows => rows.map(row => [w.details.neighbors(row), w.details.versions(row)])", rows)
    for row, (near, versions) in zip(rows, found, strict=True):
        assert near == atlas.neighbors.indices[row, : len(near)].tolist()
        same = np.flatnonzero(atlas.song_of == atlas.song_of[row]).tolist()
        assert sorted([*versions, row]) == same
    told = page.evaluate("w.details.memberships(5)")
    scale = atlas.groups.scale("coarse")
    song = atlas.song_of[5]
    assert [one["group"] for one in told["coarse"]] == scale.members[scale.indptr[song] :][
        : len(told["coarse"])
    ].tolist()


def test_the_page_reads_what_the_file_holds(page):
    rng = np.random.default_rng(0)
    for size in (0, 1, 2, 12, 13, 14, 1000):
        data = rng.bytes(size)
        found = page.evaluate("([text, n]) => [...module_data.fromPrintable(text, n)]", [to_printable(data), size])
        assert bytes(found) == data


def test_keys_cost_what_they_cost_in_python(page):
    wheel = key_prices()
    found = page.evaluate(
        """Array.from({length: 24}, (_, a) => Array.from({length: 24}, (_, b) =>
            module_prices.keyPrice(a >> 1, a & 1, b >> 1, b & 1)))"""
    )
    assert np.abs(np.array(found) - wheel).max() < 1e-6


def test_prices_are_near_to_those_of_the_engine(page, atlas):
    rng = np.random.default_rng(0)
    pairs = rng.choice(atlas.songs, (400, 2)).tolist()
    light = np.array(page.evaluate("pairs => pairs.map(([a, b]) => w.prices.between(a, b))", pairs))
    pricing = library_of(atlas).pricing
    songs = atlas.song_of[np.array(pairs)]
    true = np.array([price_matrix(pricing, np.array([a], np.int32), np.array([b], np.int32))[0, 0] for a, b in songs])
    different = songs[:, 0] != songs[:, 1]
    assert np.corrcoef(light[different], true[different])[0, 1] > 0.9
    assert abs(np.median(light[different]) - 1.0) < 0.15
    shuffled = rng.permutation(true[different])
    assert np.corrcoef(light[different], shuffled)[0, 1] < 0.3  # as by chance


def test_a_journey_is_smoother_than_chance_and_moves_on(page):
    found = page.evaluate("w.lists.journey(30, 560, 10, w.lit)")
    assert (found[0], found[-1], len(set(found))) == (30, 560, 10)
    steps = page.evaluate("rows => rows.slice(1).map((row, i) => w.prices.between(rows[i], row))", found)
    direct = page.evaluate("w.prices.between(30, 560)")
    assert np.median(steps) < 0.8
    assert max(steps) < max(direct, 1.0) + 0.2


def test_an_order_is_nearly_the_best_and_keeps_what_is_locked(page):
    rows = [11, 300, 52, 410, 77, 123, 600, 9]
    price = np.array(page.evaluate("rows => rows.map(a => rows.map(b => w.prices.between(a, b)))", rows))
    found = page.evaluate("rows => w.lists.order(rows, [0, 5])", rows)
    assert sorted(found) == sorted(rows)
    assert (found[0], found[5]) == (rows[0], rows[5])

    def cost(order):
        return sum(price[a, b] for a, b in pairwise(order))

    free = page.evaluate("rows => w.lists.order(rows)", rows)
    best = min(cost(order) for order in permutations(range(8)))
    assert cost([rows.index(row) for row in free]) <= 1.05 * best


def test_more_like_is_nearer_than_chance_and_keeps_limits(page, atlas):
    found = page.evaluate("w.lists.moreLike([40], 12, w.lit)")
    assert len(found) == 12
    assert atlas.song_of[40] not in atlas.song_of[found]
    compared = page.evaluate(
        """() => [40, 99, 210, 305, 480].map((seed) => {
            const price = (row) => w.prices.between(seed, row);
            const far = Array.from({ length: 100 }, (_, i) => price(7 * i));
            return [w.lists.moreLike([seed], 12, w.lit).map(price), far];
        })"""
    )
    assert np.median([near for near, _ in compared]) < 0.7 * np.median([far for _, far in compared])
    artists = [atlas.catalog.tracks["artists"][row][0] for row in found if len(atlas.catalog.tracks["artists"][row])]
    assert max(artists.count(artist) for artist in artists) <= 2
    assert page.evaluate("w.lists.moreLike([40], 12, new Uint8Array(w.tracks.n))") == []


def test_repairs_are_smoother_than_the_transition(page):
    whole = page.evaluate("w.prices.between(30, 560)")
    found = page.evaluate("w.lists.repairs(30, 560, 3, w.lit, [30, 560])")
    assert len(found) == 3
    assert [one["price"] for one in found] == sorted(one["price"] for one in found)
    assert found[-1]["price"] < whole


@pytest.mark.parametrize(
    "filters",
    [
        {"year": [1990, 2005], "emotion": ["joy", "sadness"]},
        {"energy": [0.25, 0.755], "explicit": ["no"]},
        {"genre": ["rock", "pop"], "mode": ["minor"]},
        {"key": ["E♭", "C"], "imputed": ["no"], "tempo": [100, 140.25]},
    ],
)
def test_filters_mean_the_same_to_the_engine(page, atlas, filters):
    found = page.evaluate(
        """(filters) => [module_engine.whereOf(filters),
            [...module_filters.filterMask(w.tracks, filters, new Uint8Array(w.tracks.n))]]""",
        filters,
    )
    mask = parse_where(found[0], atlas.table().schema).mask(atlas.table())
    assert 0 < mask.sum() < len(mask)
    rows = np.flatnonzero(mask != np.array(found[1], bool))
    assert len(rows) <= 0.01 * len(mask)  # the page knows numbers to a step


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [("abba", "abba", 0), ("abba", "abab", 1), ("abba", "aba", 1), ("abba", "abbac", 1), ("ab", "ba", 1)],
)
def test_typing_errors_are_counted(page, a, b, apart):
    assert page.evaluate("([a, b]) => module_search.typos(a, b, 2)", [a, b]) == apart


def test_every_title_is_found_by_itself(page, atlas):
    titles = atlas.catalog.tracks["title"].to_list()
    missing = []
    for row in range(20, 700, 40):
        found = page.evaluate("query => w.index.find(query, 12, () => 0).map(one => one.row)", titles[row])
        if titles[row] not in [titles[one] for one in found]:
            missing.append(titles[row])
    assert missing == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "|x", "%x"])
def test_formulas_are_made_harmless(page, text):
    told = page.evaluate("text => module_exports.cell(text)", text)
    assert told.strip('"').startswith("'")
    assert page.evaluate("module_exports.cell('plain')") == "plain"


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("../../etc", "etc.csv"),
        ("CON", "_CON.csv"),
        ("a\x00b\u202e", "a_b.csv"),
        ("", "playlist.csv"),
        ("Ночь 🐻", "Ночь 🐻.csv"),
    ],
)
def test_file_names_are_safe(page, name, file):
    assert page.evaluate("name => module_exports.fileName(name, 'csv')", name) == file


@pytest.mark.parametrize("kind", ["m3u8", "xspf", "jspf", "csv"])
def test_lists_with_naughty_titles_are_read_back(page, atlas, tmp_path, kind):
    titles = [" ".join(title.split("\0")) for title in atlas.catalog.tracks["title"].to_list()[:12]]
    items = [
        {"title": title, "artists": ["A, B"], "album": "", "year": 1999, "seconds": 61, "id": ""} for title in titles
    ]
    items[0]["id"] = "4uLU6hMCjMI75M1A2tKUQC"
    text = page.evaluate("([kind, items]) => module_exports.rendered(kind, 'Ночь <&>', items)", [kind, items])
    file = tmp_path / f"list.{kind}"
    file.write_text(text, encoding="utf-8")
    found = read_playlist(file).items
    assert len(found) == 12
    assert found[0].id == "4uLU6hMCjMI75M1A2tKUQC"
    for place in (3, 4, 7, 8, 9):
        assert found[place].title.strip("'") == titles[place].strip(), titles[place]


def test_uris_are_those_of_spotify_alone(page):
    items = [
        {"title": "x", "artists": [], "id": one} for one in ("4uLU6hMCjMI75M1A2tKUQC", "", "javascript:alert(1)")
    ]
    assert page.evaluate("items => module_exports.rendered('uris', 'x', items)", items) == (
        "spotify:track:4uLU6hMCjMI75M1A2tKUQC\n"
    )


def test_every_text_is_there_in_both_languages_and_used():
    lines = static_files()["texts.js"].decode().splitlines()
    entries = [re.fullmatch(r'  (\w+): \["(.+)", "(.+)"\],', line) for line in lines if re.match(r"  \w+: \[", line)]
    assert len(entries) > 130
    assert None not in entries
    assert [entry[1] for entry in entries if not re.search("[а-яё«]", entry[3], re.IGNORECASE)] == []
    keys = {entry[1] for entry in entries}
    sources = live_page() + "".join(text.decode() for name, text in static_files().items() if name != "texts.js")
    assert set(re.findall(r'(?<![\w.])t\("(\w+)"', sources)) - keys == set()
    assert set(re.findall(r'data-(?:text|title|label|hint)="(\w+)"', sources)) - keys == set()
    made = re.compile("(?:column|value|verdict|arc|key|ground|error|word)_")  # put together from parts
    assert [key for key in keys if f'"{key}"' not in sources and not made.match(key)] == []


def test_both_languages_have_the_same_places_for_values():
    holes = re.compile(r"\{(\w+)\}")
    for line in static_files()["texts.js"].decode().splitlines():
        if entry := re.fullmatch(r'  (\w+): \["(.+)", "(.+)"\],', line):
            assert set(holes.findall(entry[2])) == set(holes.findall(entry[3])), line


@pytest.fixture
def russian(page):
    page.evaluate("module_texts.setLanguage('ru')")
    yield page
    page.evaluate("module_texts.setLanguage('en')")


VALUES = {
    "share": 0.634, "chance": 0.25, "gap": 0.9, "silhouette": 0.128, "stability": 0.8, "size": 12, "n": 2, "all": 3,
    "names": ["Loud", "Soft · sad"], "name": "Loud", "value": "x", "feature": "tempo", "text": "as it was",
}  # fmt: skip


@pytest.mark.parametrize("code", SENTENCES)
def test_the_page_says_verdicts_as_the_library_does_and_in_russian(page, code, request):
    """What a ground says is one sentence in three places: no code without words, no value left out."""
    values = {name: VALUES[name] for name in re.findall(r"\{(\w+)\}", SENTENCES[code])}
    for more in ({}, {"chance": 0.25}):
        ground = Ground(code, values | more)
        card = {"grounds": [[code, ground.values]], "reason": ""}
        english = told([ground]).replace("tempo", "Tempo, BPM")
        assert page.evaluate("card => module_cards.groundTexts(card)", card) == [english]
    (russian,) = request.getfixturevalue("russian").evaluate("card => module_cards.groundTexts(card)", card)
    assert re.search("[а-яё]", russian)
    assert not re.search(r"[{}]|undefined|\b(?:of|no|its|songs)\b", russian)


def test_cards_of_older_atlases_say_what_they_hold(page):
    told = page.evaluate("module_cards.groundTexts({ grounds: [], reason: 'as it was; and so on' })")
    assert told == ["as it was", "and so on"]


def test_names_of_groups_are_said_in_the_language_of_the_page(page, request):
    say = "names => names.map((name) => module_texts.groupName(name))"
    names = [NOTHING, ALL, *EMOTIONS.values(), *COMPARATIVES.values(), *(meaning.word for meaning in meanings())]
    composed = ["Quiet sparsely sung · sad · dark folk, 1970s", "Danceable rapped 2", "Live-sounding, more live", ""]
    assert page.evaluate(say, names + composed) == names + composed
    russian = request.getfixturevalue("russian").evaluate(say, names + composed)
    assert [
        name for name, told in zip(names, russian, strict=False) if not re.fullmatch("[А-ЯЁ][а-яё -]+", told)
    ] == []
    assert russian[len(names) :] == [
        "Тихая почти без пения · грустная · dark folk, 1970-е",
        "Танцевальная речитативная 2",
        "Почти концертная, ближе к концертной",
        "",
    ]


def test_rules_are_told_in_the_language_of_the_page(page, request):
    rule = [["energy", "<", 0.5], ["tempo", ">", 90], ["tempo", "<", 120.4]]
    tell = "rule => module_cards.ruleText(rule)"
    assert page.evaluate(tell, rule) == "Energy < 0.5 and 90 < Tempo, BPM < 120"
    assert request.getfixturevalue("russian").evaluate(tell, rule) == "Энергия < 0,5 и 90 < Темп, уд/мин < 120"


def test_refusals_are_told_in_the_language_of_the_page(page, request):
    tell = "([error, status]) => module_data.refusal(error, status)"
    error = {"code": "limits", "message": "Ask for less.", "details": {"songs": 1200, "wished": 30, "possible": 9}}
    assert page.evaluate(tell, [error, 409]) == "Ask for less."
    assert page.evaluate(tell, [None, 502]) == "The server says 502."
    russian = request.getfixturevalue("russian")
    assert russian.evaluate(tell, [error, 409]) == (
        "Такого списка нет: всех ограничений сразу не выполнить. Подходящих песен: 1\u00a0200. Возможно 9 из 30."
    )
    assert russian.evaluate(tell, [{"code": "busy", "message": "Busy."}, 503]).startswith("Сервер занят")
    assert russian.evaluate(tell, [{"code": "teapot", "message": "No."}, 418]) == "Ответ сервера: teapot."


def test_the_policy_forbids_what_it_should():
    page = offline_page({"points": b"x"})
    policy = page.split('content="')[1].split('"')[0]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_library_is_as_published_and_its_license_is_beside_it():
    library = static_files()["twgl.js"]
    assert library.startswith(b"/* @license twgl.js 7.0.0")
    assert hashlib.sha256(library).hexdigest() == "f518c84fa9d404b725fff024c91ad04e756e67bbc69e62c1725b08cce0ef6ef3"
    terms = (files("songscape.web") / "static" / "twgl.LICENSE.md").read_text(encoding="utf-8")
    assert "Gregg Tavares" in terms
    assert not re.search(rb"\beval\(|new Function\(", library)  # the policy would not let it run


@pytest.mark.parametrize("name", [name for name in static_files() if name.endswith(".js") and name != "twgl.js"])
def test_modules_are_small(name):
    assert static_files()[name].decode().count("\n") <= 400


_NAMES = """([zoom, width, height, spots]) => {
  const scales = ["coarse", "middle", "fine"].map((name, place) => {
    const n = 20 * 9 ** place;
    const spots = Array.from({ length: n }, (_, i) => [((i * 40503 + 9000 * place) & 65535), ((i * 25717) & 65535)]);
    const names = spots.map((_, i) => `Quiet danceable acoustic · joyful · ${name} ${i}`);
    const [x, y] = [0, 1].map((axis) => spots.map((spot) => spot[axis]));
    return { name, names, sizes: spots.map((_, i) => 9000 - i), x, y };
  });
  const camera = new module_camera.Camera(() => {});
  camera.resize(width, height);
  camera.set(0.4, 0.4, zoom);
  const labels = new module_labels.Labels({ scales });
  labels.place(camera, document.createElement("canvas").getContext("2d"), spots);
  return labels.placed.map(({ label, left, top, right, bottom }) => {
    const [x, y] = camera.toScreen(label.x, label.y);
    return { scale: label.scale, box: [left, top, right, bottom], moved: Math.abs((top + bottom) / 2 - y), x };
  });
}"""


@pytest.mark.parametrize(("zoom", "scale"), [(1, "coarse"), (3, "middle"), (9, "fine")])
@pytest.mark.parametrize("size", [(460, 580), (800, 850)])
def test_names_of_groups_stand_at_their_zoom_beside_each_other(page, zoom, scale, size):
    placed = page.evaluate(_NAMES, [zoom, *size, []])
    assert len(placed) > 3
    assert {one["scale"] for one in placed} == {scale}
    for one, other in combinations([name["box"] for name in placed], 2):
        assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
    for left, top, right, bottom in (one["box"] for one in placed):
        assert 0 <= left < right <= size[0]
        assert 0 <= top < bottom <= size[1]
        assert left >= 50 or bottom <= size[1] - 120  # not below the buttons
    free = [one for one in placed if one["box"][1] > 60 and one["box"][3] < size[1] - 60]
    assert max(one["moved"] for one in free) <= 25


def test_names_keep_clear_of_the_tracks_of_a_playlist(page):
    """Where they can: names move a little, and few give way to those that moved."""
    free = page.evaluate(_NAMES, [1, 800, 850, []])
    spots = [[(one["box"][0] + one["box"][2]) / 2, one["box"][1] + 2] for one in free[:3]]
    beside = page.evaluate(_NAMES, [1, 800, 850, spots])
    assert len(beside) >= len(free) - 3
    for x, y in spots:
        assert not any(one["box"][0] < x < one["box"][2] and one["box"][1] < y < one["box"][3] for one in beside[:3])


def colors_of(page, name):
    return page.evaluate(f"[module_palette.{name}.light, module_palette.{name}.dark]")


def test_classes_can_be_told_apart_by_color_blind_people(page):
    """The nearest of normal, protan, deutan and tritan vision; 18 is what the printed map keeps, too."""
    beside = [colors_of(page, name) for name in ("GREY", "DIMMED")]
    for mode, series in enumerate(colors_of(page, "SERIES")):
        gaps = color_distances([*series, *(pair[mode] for pair in beside)])
        own = gaps[: len(series), : len(series)][np.triu_indices(len(series), 1)]
        assert own.min() >= 17.5
        assert gaps[: len(series), len(series) :].min() >= 17.5


@pytest.mark.parametrize("name", ["amount", "balance", "trust"])
def test_ramps_go_on_without_a_step_back(page, name):
    """Of a ramp's colors those farther along are farther from where it began, to any color vision."""
    for mode in ("light", "dark"):
        gaps = color_distances(page.evaluate(f"module_palette.ramp('{name}', '{mode}', 9)"))
        assert gaps[0, -1] > 60
        assert (np.diff(gaps[0]) > 0).mean() >= 0.75
