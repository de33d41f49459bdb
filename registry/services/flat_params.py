"""Params as MLflow has them: flat keys and texts; dots and JSON become a nested config in MongoDB.

PostgreSQL keeps each text as it came. In the run's body ``optimizer.lr`` = ``0.1`` is the number 0.1 in the
group ``optimizer``, and ``layers`` = ``[64, 32]`` a list. Where ``a`` and ``a.b`` are both params, one of
them keeps its dots, since a value can't be a group as well.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.db import connection

from registry.documents import plain
from registry.exceptions import BadInputError
from registry.models import TrainingRun

from .names import checked_key
from .params import Leaves, Path, insert_params

MAX_VALUE = 6_000
MAX_PARTS = 20
MAX_DIGITS = 18  # a longer number would lose digits

# Params of the run in the same groups as new ones.
RELATED = """
SELECT key FROM registry_param WHERE run_id = %s AND split_part(key, '.', 1) = ANY(%s)
"""
WORDS = {"True": True, "False": False, "None": None, "nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def store_flat_params(*, run: TrainingRun, params: Mapping[str, str]) -> Leaves:
    """Insert the params that are new, inside the caller's transaction; returns their leaves.

    Two to four statements.

    Args:
        params: key → text; a text that is longer than 6,000 characters is cut, as MLflow cuts it.

    Raises:
        ParamConflictError: one is there with another value.
        BadInputError: one can't be stored.
    """
    texts = {checked_key(key, what="The param"): _checked_value(key, value) for key, value in params.items()}
    new = insert_params(run=run, texts=texts)
    if not new:
        return {}
    values = _related(run, new) | new
    return {_path(key, values): _value(texts[key]) for key in sorted(new)}


def _checked_value(key: str, value: str) -> str:
    return plain.check_text(value[:MAX_VALUE], where=f"The param {key[:50]!r}")


def _related(run: TrainingRun, keys: Iterable[str]) -> set[str]:
    if not run.body_bytes:
        return set()  # it has had no params
    with connection.cursor() as cursor:
        cursor.execute(RELATED, [run.pk, sorted({key.split(".")[0] for key in keys})])
        return {key for (key,) in cursor.fetchall()}


def _path(key: str, values: set[str]) -> Path:
    """Nested by its dots; inside its own group where it has one, with its dots below a value."""
    parts = key.split(".")
    below = {".".join(parts[:depth]) for depth in range(1, len(parts))}
    if len(parts) > MAX_PARTS or "" in parts or below & values:
        return (plain.encode_key(key),)
    if any(other.startswith(f"{key}.") for other in values):
        parts.append("")
    return tuple(plain.encode_key(part) for part in parts)


def _value(text: str) -> Any:
    """What a text reads as in JSON or Python; the text itself where it reads as nothing."""
    if text in WORDS:
        return WORDS[text]
    if not text or text[0] not in "{[-0123456789tfn" or (text.isdigit() and len(text) > MAX_DIGITS):
        return text
    try:
        return plain.encode(orjson.loads(text), where="The param")
    except (orjson.JSONDecodeError, BadInputError):
        return text
