"""Reading a CSV file row by row, with the line that each row begins at."""

import codecs
import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from registry.exceptions import BadInputError
from registry.imports.records import Problem

DELIMITERS = ",;\t|"
MOST_CHARACTERS = 32 * 1024 * 1024
HEAD = 64 * 1024
BOMS = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16",
        codecs.BOM_UTF16_BE: "utf-16"}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row and where it begins, the header being line 1."""

    line: int
    cells: list[str]


class CsvFile:
    """A CSV file that can be read any number of times.

    Args:
        delimiter: one character; empty for whichever of ``, ; tab |`` the header has most of.
        encoding: as Python names it; UTF-8 with or without a byte order mark by default.

    Raises:
        BadInputError: there is no such file, encoding or delimiter.
    """

    def __init__(self, path: Path, *, delimiter: str = "", encoding: str = "utf-8-sig") -> None:
        csv.field_size_limit(MOST_CHARACTERS)
        if not path.is_file():
            raise BadInputError(f"There is no file {path}.")
        if len(delimiter) > 1 or delimiter in ("\n", "\r", '"'):
            raise BadInputError("The delimiter is one character, such as --delimiter ';'.")
        try:
            codecs.lookup(encoding)
        except LookupError as error:
            raise BadInputError(
                f"There is no encoding {encoding!r}. Usual ones: utf-8, cp1252, latin-1."
            ) from error
        self.path, self.encoding, self._delimiter = path, encoding, delimiter

    def rows(self) -> Iterator[Row | Problem]:
        """All rows that are not blank, the header first; a row that can't be read is a problem."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield _unreadable(line, error)
                    continue
                if any(cells):
                    yield Row(line, cells)

    def check(self) -> Problem | None:
        """Why the file as a whole can't be read; None where it can."""
        with self.path.open("rb") as file:
            head = file.read(HEAD)
        found = next((name for bom, name in BOMS.items() if head.startswith(bom)), "")
        wanted = codecs.lookup(self.encoding).name
        if found and not wanted.startswith(found):
            return _whole(f"It is written in {found.upper()}.", f"Say --encoding {found}.")
        if wanted.startswith("utf-8") and head.count(0) > len(head) // 4:
            return _whole(
                "Every other byte is NUL, as in UTF-16.", "Say --encoding utf-16-le (or utf-16-be)."
            )
        if not head.strip():
            return _whole("The file is empty.", "Export it again.")
        return self._undecodable()

    def fingerprint(self) -> str:
        """SHA-256 of its bytes."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def delimiter(self) -> str:
        """What stands between cells."""
        if self._delimiter:
            return self._delimiter
        with self.path.open(encoding=self.encoding, newline="") as file:
            header = file.readline(HEAD)
        self._delimiter = max(DELIMITERS, key=header.count)
        return self._delimiter

    def _undecodable(self) -> Problem | None:
        decoder = codecs.getincrementaldecoder(self.encoding)()
        line = 1
        with self.path.open("rb") as file:
            for raw in file:
                try:
                    decoder.decode(raw)
                except UnicodeDecodeError as error:
                    wanted = self.encoding.removesuffix("-sig").upper()
                    cause = f"The byte 0x{error.object[error.start]:02X} is no {wanted}."
                    cure = "Say what it is written in, such as --encoding cp1252."
                    return Problem(f"line {line}", cause, cure, "source")
                line += 1
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _whole("The file ends in the middle of a character: it is cut off.", "Export it again.")
        return None


def _whole(cause: str, cure: str) -> Problem:
    return Problem("the file", cause, cure, "source")


def _unreadable(line: int, error: csv.Error) -> Problem:
    said = str(error)
    if "unexpected end" in said or "field limit" in said:
        cause = "A quote opens here and is not closed again: the file is cut off, or a quote stands alone."
        return Problem(
            f"line {line}", cause, 'Close the quote, or double it where it means itself ("").', "source"
        )
    cure = 'Put the cell in quotes, and double the quotes that mean themselves ("").'
    return Problem(f"line {line}", f"The quotes are wrong: {said}.", cure, "run")
