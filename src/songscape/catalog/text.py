"""Bytes that are no table: told by what they begin with."""

import re

from songscape.errors import InputError

HEAD = 1 << 24
"""Bytes at the beginning of a file that must hold the end of its first line, if it is text in lines."""

_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "Save the sheet as CSV (UTF-8)."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV (UTF-8)."),
    (b"%PDF", "a PDF document", "Export the table as CSV."),
    (b"\x89PNG", "a PNG image", ""),
    (b"\xff\xd8\xff", "a JPEG image", ""),
    (b"GIF8", "a GIF image", ""),
    (b"RIFF", "an audio, video or image file", ""),
    (b"OggS", "an audio file", ""),
    (b"fLaC", "an audio file", ""),
    (b"ID3", "an audio file", ""),
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV."),
    (b"BZh", "a bzip2 archive", "Unpack it first; gzip and zstd are read as they are."),
    (b"\xfd7zXZ", "an xz archive", "Unpack it first; gzip and zstd are read as they are."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
)


def refuse_foreign(data: bytes, name: str) -> None:
    """Raise `InputError` for bytes that are known to be something other than a table."""
    for signature, what, advice in _SIGNATURES:
        if data.startswith(signature):
            raise InputError(f"'{name}' is not a table: it is {what}. {advice}".rstrip())


def refuse_endless_line(head: bytes, name: str) -> None:
    """Raise `InputError` where `HEAD` bytes hold no end of a line; JSON and binary tables need none."""
    other = (b"{", b"[", b"PAR1", b"ARROW1", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xef\xbb\xbf{", b"\xef\xbb\xbf[")
    if len(head) < HEAD or re.search(rb"[\r\n]", head) or head.lstrip().startswith(other):
        return
    refuse_foreign(head, name)
    refuse_non_table(head, name)
    raise InputError(
        f"'{name}' is not a table: its first {HEAD >> 20} MiB hold no end of a line. Is it the right file?"
    )


def refuse_non_table(text: bytes, name: str) -> None:
    """Raise `InputError` for decoded text that is no table: markup, or mostly control characters."""
    sample = text[:4096]
    if re.match(rb"\s*<(!doctype|html|\?xml|svg|head|body)", sample, re.IGNORECASE):
        raise InputError(f"'{name}' is not a table: it is a web page or XML document. Download the CSV file itself.")
    # \x01, \x1e and \x1f may be delimiters
    controls = len(re.findall(rb"[\x00\x02-\x08\x0e-\x1a\x1c\x7f]", sample))
    if controls > 0.05 * len(sample):
        raise InputError(
            f"'{name}' is not a table: it holds binary data. Readable are CSV, TSV, JSON, JSON Lines and Parquet,"
            " plain or packed with gzip or zstd."
        )
