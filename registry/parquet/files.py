"""Writing and reading one Parquet file."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from registry.exceptions import ArtifactError

from .folders import sha256_of

ROWS_IN_A_GROUP = 65_536


@dataclass
class NewFile:
    """A file being written; rows and bytes and the digest are there when it is closed.

    Attributes:
        sha256: of the file's bytes.
    """

    path: Path
    schema: Any
    writer: Any = field(repr=False, default=None)
    row_count: int = 0
    byte_count: int = 0
    sha256: str = ""

    def add(self, columns: Sequence[Any]) -> None:
        """Add a row group: one arrow array a column, in the schema's order."""
        table = pa.Table.from_arrays(list(columns), schema=self.schema)
        self.writer.write_table(table)
        self.row_count += table.num_rows


@contextmanager
def new_file(path: Path, schema: Any) -> Iterator[NewFile]:
    """Write a Parquet file: zstd, a checksum a page, synced when it is closed."""
    new = NewFile(path, schema)
    with (
        path.open("wb") as file,
        parquet.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as writer,
    ):
        new.writer = writer
        yield new
        writer.close()
        file.flush()
        os.fsync(file.fileno())
    new.byte_count, new.sha256 = path.stat().st_size, sha256_of(path)


@contextmanager
def opened_file(path: Path) -> Iterator[Any]:
    """A Parquet file open for reading, its pages checked against their checksums.

    Raises:
        ArtifactError: it is missing or damaged, also where that shows later, while it is read.
    """
    try:
        with parquet.ParquetFile(path, page_checksum_verification=True) as file:
            yield file
    except (OSError, pa.ArrowException) as error:
        raise ArtifactError(
            f"The file {path.parent.name}/{path.name} is missing or damaged: {str(error)[:200]}"
        ) from error


def groups_of(path: Path, *, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """The file's row groups as arrow tables, one at a time."""
    with opened_file(path) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number, columns=columns)
