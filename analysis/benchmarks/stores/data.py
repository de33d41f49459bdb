"""What is stored and asked for: values that follow from a number, so that every answer is known."""

import functools
import hashlib
from typing import Any

from .works import BATCH

Record = dict[str, Any]
FRAMEWORKS = ("sklearn", "pytorch", "tensorflow", "xgboost", "lightgbm", "catboost", "jax", "keras")
STATUSES = ("FINISHED", "FINISHED", "FINISHED", "FAILED")
TEXTS = ("name", "framework", "model_type", "dataset", "status")
FLOATS = ("accuracy", "loss", "duration_seconds")
WHOLES = ("version", "started_ms")
FIELDS = (*TEXTS, *FLOATS, *WHOLES)
COLUMNS = ("record_id", *FIELDS)
WIDTH = 50
VALUE_LENGTH = 200
PAGES, ENTITIES = 100, 1_000
LOSSES = (0.2, 0.3, 0.4, 0.5, 0.6)  # below which the complex query looks
MODULUS = 100_003
START_MS = 1_760_000_000_000


def key(number: int) -> str:
    """32 hexadecimal characters, in no order, as the platform's ids are."""
    return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()


def value(number: int) -> str:
    """200 characters."""
    return hashlib.shake_128(str(number).encode()).hexdigest(VALUE_LENGTH // 2)


def record(number: int, *, record_id: str = "") -> Record:
    """Ten fields and the id."""
    return {
        "record_id": record_id or key(number),
        "name": f"run-{number:06}",
        "framework": FRAMEWORKS[number % 8],
        "model_type": f"classifier-{number % 23}",
        "dataset": f"dataset-{number % 11}",
        "status": STATUSES[number * 7 % 11 % 4],
        "accuracy": _share(number, 7_919),
        "loss": _share(number, 104_729),
        "duration_seconds": _share(number, 15_485_863) * 3_600,
        "version": number % 17,
        "started_ms": START_MS + number * 1_000,
    }


def entity(number: int) -> str:
    """The key of an entity."""
    return f"C{number}"


def vector(number: int) -> tuple[float, ...]:
    """50 floats."""
    return tuple(_share(number * WIDTH + place + 1, 7_919) for place in range(WIDTH))


def feature_names() -> list[str]:
    """Of the vector, in order."""
    return [f"feature_{place}" for place in range(WIDTH)]


@functools.cache
def records(count: int) -> tuple[Record, ...]:
    """The first so many records."""
    return tuple(map(record, range(count)))


@functools.cache
def groups(count: int, loss: float) -> list[tuple[str, int, float, float]]:
    """What the complex query answers: framework, how many, mean and best accuracy, by framework."""
    found: dict[str, list[float]] = {}
    for each in records(count):
        if each["status"] == "FINISHED" and each["loss"] < loss:
            found.setdefault(each["framework"], []).append(each["accuracy"])
    return [(name, len(all_), sum(all_) / len(all_), max(all_)) for name, all_ in sorted(found.items())]


def page_numbers(number: int) -> range:
    """The records that stand on a page."""
    return range(number * BATCH, (number + 1) * BATCH)


def _share(number: int, factor: int) -> float:
    return number * factor % MODULUS / MODULUS
