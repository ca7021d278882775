"""Delimited text: nothing lost, line numbers right, whatever the dialect and the damage."""

import csv
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.catalog.delimited import read_delimited, split_lines
from songscape.catalog.dialect import Dialect, find_dialect
from songscape.errors import InputError

CELL = st.text(st.sampled_from(list("ab1 ,;\"'\n\té日x\\")), max_size=6)


def rows_of(table):
    return [tuple("" if cell is None else cell for cell in row) for row in table.frame.rows()]


@settings(max_examples=80, derandomize=True, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=12),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_well_formed_files_read_as_the_csv_module_reads_them(rows, delimiter, quoting, end):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow(["title", "energy", "tempo"])
    starts = []
    for row in rows:
        starts.append(text.getvalue().count("\n") + 1)
        writer.writerow(row)
    table = read_delimited(text.getvalue().encode(), "t.csv")
    assert table.details["delimiter"] == delimiter
    assert rows_of(table) == rows
    assert table.lines.to_list() == starts
    assert table.rejects == []


@settings(max_examples=80, derandomize=True, deadline=None)
@given(
    lines=st.lists(
        st.tuples(st.booleans(), st.sampled_from(['a,"b, c",1', "a,b,2", '"x ""y""",z,3', '"two\nlines",b,4'])),
        min_size=1,
        max_size=15,
    ),
    damage=st.sampled_from(["a,b", "a,b,c,d", 'a,"b,c', "lonely"]),
)
def test_damaged_rows_are_set_aside_and_no_other(lines, damage):
    body, expected, rejected, line = [], [], [], 2
    for sound, row in lines:
        text = row if sound else damage
        body.append(text)
        (expected if sound else rejected).append(line)
        line += text.count("\n") + 1
    if not expected:
        body.append("a,b,9")
        expected.append(line)
    table = read_delimited(("title,artist,energy\n" + "\n".join(body)).encode(), "t.csv")
    assert table.lines.to_list() == expected
    assert [reject[0] for reject in table.rejects] == rejected
    assert [reject[2] for reject in table.rejects] == [damage] * len(rejected)
    assert table.frame.height == len(expected)


@settings(max_examples=120, derandomize=True, deadline=None)
@given(body=st.text(st.sampled_from(list('ab1,,"\n\r \x00é')), min_size=1, max_size=80))
def test_every_line_that_is_not_blank_ends_in_exactly_one_record(body):
    data = ("title,energy\n" + body).encode()
    lines = split_lines(data if b"\n" in data else data.replace(b"\r", b"\n"))["text"].to_list()[1:]
    if not any(line.strip() for line in lines):
        with pytest.raises(InputError, match="no rows below"):
            read_delimited(data, "t.csv")
        return
    table = read_delimited(data, "t.csv")
    records = list(zip(table.lines.to_list(), table.texts.to_list(), strict=True))
    records += [(line, raw) for line, _, raw in table.rejects]
    told = [line for _, raw in sorted(records) for line in raw.split("\n") if line.strip()]
    assert told == [line for line in lines if line.strip()]
    assert table.frame.height == len(table.lines)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,b", "too few fields: 2 instead of 3"),
        ("a,b,c,d", "too many fields: 4 instead of 3"),
        ('a,"b,0.5', "a quote that is not closed"),
        ("title,artist,energy", "the header again"),
    ],
)
def test_reasons_name_what_is_wrong(row, reason):
    table = read_delimited(f"title,artist,energy\n\none,x,0.5\n{row}\ntwo,y,0.6\n".encode(), "t.csv")
    assert table.rejects == [(4, reason, row)]
    assert table.lines.to_list() == [3, 5]


def test_one_lost_quote_does_not_swallow_the_rows_below_it():
    rows = [f'"t{i}",artist,0.{i}' for i in range(1, 9)]
    rows[3] = '"t4,artist,0.4'
    table = read_delimited(("title,artist,energy\n" + "\n".join(rows)).encode(), "t.csv")
    assert table.rejects == [(5, "a quote that is not closed", rows[3])]
    assert table.frame.height == 7


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ('12" mix,b,0.5', '12" mix'),
        ('"a""b",b,0.5', 'a"b'),
        ('say "x", "b, c", "0.5"', 'say "x"'),
        (r'"say \"x\", y",b,0.5', 'say "x", y'),
        ("'a',b,0.5", "'a'"),
    ],
)
def test_unusual_quoting_is_forgiven_where_the_fields_come_out_right(row, expected):
    table = read_delimited(f"title,artist,energy\n{row}\nplain,b,0.6\n".encode(), "t.csv")
    assert table.rejects == []
    assert table.frame.rows()[0][0] == expected
    assert table.texts.to_list() == [row, "plain,b,0.6"]


def test_tabs_take_quotes_as_letters_where_they_do_not_close():
    table = read_delimited(b'title\tartist\tenergy\n"Heroes\tBowie\t0.7\n', "t.tsv")
    assert table.frame.rows() == [('"Heroes', "Bowie", "0.7")]


def test_a_quoted_header_may_span_lines():
    table = read_delimited(b'"title","energy\n(0-1)"\none,0.5\n', "t.csv")
    assert table.headers == ["title", "energy\n(0-1)"]
    assert table.lines.to_list() == [3]


def test_the_delimiter_that_excel_announces_is_taken():
    table = read_delimited(b"sep=;\ntitle;energy\nA, B;0,5\n", "t.csv")
    assert table.frame.rows() == [("A, B", "0,5")]
    assert table.lines.to_list() == [3]


def test_old_line_ends_are_read():
    table = read_delimited(b"title,energy\rone,0.5\rtwo,0.6\r", "t.csv")
    assert table.frame.rows() == [("one", "0.5"), ("two", "0.6")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", ":", "\x01", "\x1f"])
def test_delimiters_are_found(delimiter):
    lines = [delimiter.join(row) for row in (("title", "artist", "bpm"), ("One, Two; Three", "x", "120"))]
    assert find_dialect(lines).delimiter == delimiter


def test_the_delimiter_is_not_taken_from_the_inside_of_quotes():
    lines = ['"title; subtitle; more",artist,energy', '"a; b; c",x,0.5']
    assert find_dialect(lines) == Dialect(",", '"')


def test_single_quotes_may_quote():
    table = read_delimited(b"'title','energy'\n'a, b','0.5'\n", "t.csv")
    assert table.headers == ["title", "energy"]
    assert table.frame.rows() == [("a, b", "0.5")]


def test_a_parser_that_loses_rows_is_not_believed(monkeypatch):
    data = b'title,artist,energy\n"a ""b"", c",,0.5\n,x,"two\nlines"\n'
    sound = read_delimited(data, "t.csv")
    assert "fallback" not in sound.details
    monkeypatch.setattr("songscape.catalog.delimited.pl.read_csv", lambda *_, **__: pl.DataFrame({"c0": ["one row"]}))
    careful = read_delimited(data, "t.csv")
    assert careful.frame.equals(sound.frame)
    assert careful.frame.rows() == [('a "b", c', None, "0.5"), (None, "x", "two\nlines")]
    assert "another number of rows" in careful.details["fallback"]


def test_very_wide_files_are_refused_with_a_reason():
    header = ",".join(f"c{i}" for i in range(5000))
    with pytest.raises(InputError, match="5000 columns"):
        read_delimited(f"{header}\n{header}\n".encode(), "wide.csv")
