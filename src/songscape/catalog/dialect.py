"""The dialect of a delimited file: its delimiter and quote character, found from its first lines."""

import csv
import re
from dataclasses import dataclass

from songscape.catalog.schema import n_recognized

DELIMITERS = (",", "\t", ";", "|", "^", "~", ":", "!", "#", "\x01", "\x1e", "\x1f", "$", "*", " ")
"""Delimiters that are tried, the usual ones first."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How fields are told apart."""

    delimiter: str
    quote: str = '"'

    def record_pattern(self, n_fields: int) -> str:
        """Return the regular expression of a well-formed record: quotes only around whole fields, doubled inside."""
        sep, quote = re.escape(self.delimiter), re.escape(self.quote)
        field = f"(?:[^{quote}{sep}\n]*|{quote}(?:[^{quote}]|{quote}{quote})*{quote})"
        more = f"(?:{sep}{field}){{{n_fields - 1}}}" if n_fields > 1 else ""
        return f"^{field}{more}$"

    def fields(self, record: str) -> list[str]:
        """Return the fields of one record, however it is quoted."""
        try:
            return next(csv.reader([record], delimiter=self.delimiter, quotechar=self.quote), [])
        except csv.Error:  # a lone carriage return, or a field beyond the parser's limit
            return record.split(self.delimiter)

    def split(self, record: str) -> list[str]:
        """Return the fields of a well-formed record of any length."""
        sep, quote = re.escape(self.delimiter), re.escape(self.quote)
        field = rf"(?:^|{sep})(?:{quote}((?:[^{quote}]|{quote}{quote})*){quote}|([^{sep}{quote}]*))"
        found = re.finditer(field, record)
        return [match[2] if match[1] is None else match[1].replace(self.quote * 2, self.quote) for match in found]

    def join(self, fields: list[str]) -> str:
        """Return fields as a well-formed record, every one of them quoted."""
        double = self.quote * 2
        return self.delimiter.join(f"{self.quote}{field.replace(self.quote, double)}{self.quote}" for field in fields)


def find_dialect(lines: list[str]) -> Dialect:
    """Choose the delimiter whose header names most canonical columns, then the one that divides most evenly.

    Parameters
    ----------
    lines : list of str
        The first lines that are not blank, the header first.

    Examples
    --------
    >>> find_dialect(["title;artist;energy", "One, Two;Some;0.5"]).delimiter
    ';'
    """
    header = lines[0]
    quote = "'" if header.startswith("'") and header.rstrip().endswith("'") and '"' not in header else '"'
    best, best_rank = Dialect(",", quote), (0, 0.0, 0)
    for delimiter in DELIMITERS:
        if delimiter not in header:
            continue
        dialect = Dialect(delimiter, quote)
        names = dialect.fields(header)
        counts = [len(dialect.fields(line)) for line in lines[1:]]
        evenness = sum(count == len(names) for count in counts) / max(len(counts), 1)
        rank = (n_recognized(names), round(evenness, 1), len(names))
        if rank > best_rank:
            best, best_rank = dialect, rank
    return best
