"""A CSV file of runs as a source of an import."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from registry.documents import plain
from registry.exceptions import BadInputError
from registry.fields import HEX_ID
from registry.imports.conversions import float_in, milliseconds, status_in, time_in
from registry.imports.records import (
    ImportedDataset,
    ImportedExperiment,
    ImportedLoggedModel,
    ImportedRegisteredModel,
    ImportedRun,
    Problem,
    Progress,
)
from registry.services.metric_samples import MetricSample

from .mapping import CHOICES, CsvMapping, meanings
from .reading import CsvFile, Row

ROW_CURE = "Mend the row, and import again: what is here stays."


@dataclass
class _Read:
    """What a row says: texts of fields, and of params, metrics, tags and metadata by name."""

    line: int
    fields: dict[str, str]
    groups: dict[str, dict[str, str]]


class CsvSource:
    """Runs from a CSV file, a row each; what a column means says the mapping, or else its name."""

    kind = "csv"

    def __init__(self, file: CsvFile, mapping: CsvMapping | None = None) -> None:
        self.file = file
        self.place = str(file.path.resolve())
        self.mapping = mapping or CsvMapping()
        self._meanings: list[str] = []

    def fingerprint(self) -> str:
        """SHA-256 of the file, and of the mapping that it is read by."""
        content = self.file.fingerprint()
        if self.mapping == CsvMapping():
            return content
        return hashlib.sha256(f"{content}{self.mapping!r}".encode()).hexdigest()

    def examine(self) -> Iterator[Problem | Progress]:
        """The file can be read, and every column means something."""
        problem = self.file.check()
        if problem is not None:
            yield problem
            return
        header = next(self.file.rows(), None)
        if not isinstance(header, Row):
            yield header or Problem("the file", "It has no rows.", "Export it again.", "source")
            return
        yield from self._header_problems(header.cells)
        for row in self.file.rows():
            if isinstance(row, Problem) and row.kind == "source":
                yield row

    def experiments(self) -> Iterator[ImportedExperiment | Problem]:
        """Those that rows name, and the default one."""
        names = dict.fromkeys(self._experiment(read) for read in self._rows() if isinstance(read, _Read))
        for name in names:
            yield ImportedExperiment(name, name)

    def datasets(self) -> Iterator[ImportedDataset | Problem]:
        """Those that rows name."""
        found = dict.fromkeys(_dataset(read) for read in self._rows() if isinstance(read, _Read))
        for name, digest in found:
            if name:
                yield ImportedDataset(_dataset_id(name, digest), name, digest)

    def runs(self) -> Iterator[ImportedRun | Problem]:
        """A run a row; a row without an id is known by its content."""
        twins: Counter[str] = Counter()
        for read in self._rows():
            if isinstance(read, Problem):
                yield read
                continue
            source_id = read.fields.get("id", "") or _content_id(read)
            if "id" not in read.fields:
                twins[source_id] += 1
                source_id = f"{source_id}:{twins[source_id]}"
            try:
                yield self._run(read, source_id)
            except BadInputError as error:
                yield Problem(f"line {read.line}", str(error), ROW_CURE, "run", source_id)

    def logged_models(self) -> Iterator[ImportedLoggedModel | Problem]:
        """None."""
        yield from ()

    def registered_models(self) -> Iterator[ImportedRegisteredModel | Problem]:
        """None."""
        yield from ()

    def _header_problems(self, headers: list[str]) -> Iterator[Problem]:
        try:
            self._meanings = meanings(headers, self.mapping)
        except BadInputError as error:
            yield Problem("line 1", str(error), "Change the header, or the mapping.", "source")
            return
        for header, meaning in zip(headers, self._meanings, strict=True):
            if not meaning:
                cause = f"Nobody knows what the column {header[:100]!r} means."
                cure = f"Say it in a mapping (--discover writes one): {CHOICES}."
                yield Problem("line 1", cause, cure, "source")

    def _rows(self) -> Iterator[_Read | Problem]:
        rows = self.file.rows()
        next(rows, None)
        width = len(self._meanings)
        for row in rows:
            if isinstance(row, Problem):
                yield row
            elif len(row.cells) != width:
                cause = f"It has {len(row.cells)} cells, the header {width}."
                yield Problem(f"line {row.line}", cause, "Put cells that hold a delimiter in quotes.", "run")
            else:
                yield self._read(row)

    def _read(self, row: Row) -> _Read | Problem:
        read = _Read(row.line, dict(self.mapping.defaults), {})
        for meaning, text in zip(self._meanings, row.cells, strict=True):
            if not text.strip() or meaning == "ignore":
                continue
            try:
                plain.check_text(text, where=f"The column {meaning}")
            except BadInputError as error:
                return Problem(f"line {row.line}, column {meaning}", str(error), ROW_CURE, "run")
            group, dot, name = meaning.partition(".")
            if dot:
                read.groups.setdefault(group, {})[name] = text
            else:
                read.fields[meaning] = text.strip()
        return read

    def _run(self, read: _Read, source_id: str) -> ImportedRun:
        fields, times = read.fields, self.mapping.times
        started_at = _converted(read, "started_at", lambda text: time_in(text, times))
        ended_at = _converted(read, "ended_at", lambda text: time_in(text, times))
        status = _converted(read, "status", status_in) or "FINISHED"
        at = milliseconds(ended_at or started_at or timezone.now().replace(microsecond=0))
        is_kept = HEX_ID.fullmatch(source_id) is not None
        return ImportedRun(
            source_id=source_id,
            run_id=source_id if is_kept else None,
            experiment_source_id=self._experiment(read),
            name=fields.get("name", ""),
            status=status,
            started_at=started_at,
            ended_at=ended_at,
            model_name=fields.get("model_name", ""),
            framework=fields.get("framework", ""),
            params=read.groups.get("param", {}),
            is_flat=True,
            tags=read.groups.get("tag", {}),
            metrics=_samples(read.groups.get("metric", {}), at),
            dataset_source_id=_dataset_id(*_dataset(read)),
            parent_source_id=fields.get("parent", ""),
            custom=read.groups.get("custom", {}),
            place=f"line {read.line}",
        )

    def _experiment(self, read: _Read) -> str:
        return read.fields.get("experiment") or Path(self.place).stem


def _samples(metrics: Mapping[str, str], at: int) -> list[MetricSample]:
    samples = []
    for key, text in metrics.items():
        try:
            samples.append(MetricSample(key, float_in(text), 0, at))
        except BadInputError as error:
            raise BadInputError(f"Column metric.{key}: {error}") from error
    return samples


def _converted(read: _Read, name: str, convert: Callable[[str], Any]) -> Any:
    text = read.fields.get(name)
    if not text:
        return None
    try:
        return convert(text)
    except BadInputError as error:
        raise BadInputError(f"Column {name}: {error}") from error


def _dataset(read: _Read) -> tuple[str, str]:
    return read.fields.get("dataset", ""), read.fields.get("dataset_digest", "")


def _dataset_id(name: str, digest: str) -> str:
    return f"{name}\n{digest}" if digest else name


def _content_id(read: _Read) -> str:
    content = repr(
        (
            sorted(read.fields.items()),
            sorted((name, sorted(group.items())) for name, group in read.groups.items()),
        )
    )
    return f"row:{hashlib.sha256(content.encode()).hexdigest()[:32]}"
