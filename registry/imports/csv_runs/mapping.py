"""What the columns of a CSV file mean: by their names, or by a mapping file that people wrote."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.exceptions import BadInputError
from registry.services.names import MAX_KEY

FIELDS = (
    "id", "name", "experiment", "dataset", "dataset_digest", "model_name", "framework", "status",
    "started_at", "ended_at", "parent",
)  # fmt: skip
GROUPS = ("param", "metric", "tag", "custom")
IGNORED = "ignore"
ALIASES = {
    "run_id": "id", "run_uuid": "id", "uuid": "id", "run": "name", "run_name": "name", "title": "name",
    "experiment_name": "experiment", "project": "experiment", "experiment_id": "experiment",
    "dataset_name": "dataset", "data": "dataset", "model": "model_name", "library": "framework",
    "state": "status", "start": "started_at", "start_time": "started_at", "started": "started_at",
    "created_at": "started_at", "created": "started_at", "end": "ended_at", "end_time": "ended_at",
    "ended": "ended_at", "finished_at": "ended_at", "parent_id": "parent", "parent_run_id": "parent",
}  # fmt: skip
KEYS = ("columns", "defaults", "times")
CHOICES = f"one of {', '.join(FIELDS)}, or {', '.join(f'{group}.NAME' for group in GROUPS)}, or {IGNORED}"


@dataclass(frozen=True)
class CsvMapping:
    """A mapping as people write it.

    Attributes:
        columns: header → meaning: a field, ``param.lr``, ``metric.accuracy``, ``tag.team``,
            ``custom.note``, or ``ignore``. Headers that are not in it mean what their names say.
        defaults: field → text for rows that say nothing.
        times: the form of times, as :func:`registry.imports.conversions.time_in` takes it.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    times: str = "auto"


def read_mapping(path: Path) -> CsvMapping:
    """A mapping file.

    Raises:
        BadInputError: it is no mapping; the message says what is wrong with it and where.
    """
    found = read_json(path)
    if unknown := sorted(set(found) - set(KEYS)):
        raise BadInputError(
            f"{path.name}: {unknown[0]!r} is no key of a mapping; there are {', '.join(KEYS)}."
        )
    columns, defaults = found.get("columns", {}), found.get("defaults", {})
    for name, texts in (("columns", columns), ("defaults", defaults)):
        if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
            raise BadInputError(f"{path.name}: {name!r} must be an object of texts.")
    for header, meaning in columns.items():
        if not is_meaning(meaning):
            raise BadInputError(f"{path.name}: {header!r} can't mean {meaning!r}; it means {CHOICES}.")
    if wrong := sorted(set(defaults) - set(FIELDS)):
        raise BadInputError(f"{path.name}: no default for {wrong[0]!r}; there are {', '.join(FIELDS)}.")
    times = found.get("times", "auto")
    if not isinstance(times, str):
        raise BadInputError(f"{path.name}: 'times' must be a text.")
    return CsvMapping(columns, defaults, times)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises:
        BadInputError: it can't be read, or is none.
    """
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise BadInputError(f"{path} can't be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{path.name} is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise BadInputError(f"{path.name} must hold a JSON object.")
    return found


def meanings(headers: Sequence[str], mapping: CsvMapping) -> list[str]:
    """What each column means; empty where nobody knows.

    Raises:
        BadInputError: two columns mean the same, or the mapping names a column that is not there.
    """
    if missing := [header for header in mapping.columns if header not in headers]:
        raise BadInputError(f"The mapping names the column {missing[0]!r}, which the file has not.")
    found = [mapping.columns.get(header) or meaning_of(header) for header in headers]
    taken: dict[str, str] = {}
    for header, meaning in zip(headers, found, strict=True):
        if meaning in ("", IGNORED):
            continue
        if meaning in taken:
            raise BadInputError(f"The columns {taken[meaning]!r} and {header!r} both mean {meaning}.")
        taken[meaning] = header
    return found


def meaning_of(header: str) -> str:
    """What a column's name says; empty where it says nothing."""
    group, dot, name = header.strip().partition(".")
    group = group.lower().removesuffix("s")
    if dot and group in GROUPS:
        return f"{group}.{name}" if is_meaning(f"{group}.{name}") else ""
    plain = header.strip().lower().replace(" ", "_").replace("-", "_")
    if plain == "artifact_uri":
        return IGNORED  # of MLflow's tables of runs; the files are not in it
    return plain if plain in FIELDS else ALIASES.get(plain, "")


def is_meaning(text: str) -> bool:
    """Whether a column may mean this."""
    group, dot, name = text.partition(".")
    if dot and group in GROUPS:
        return bool(name.strip()) and len(name) <= MAX_KEY
    return text in (*FIELDS, IGNORED)
