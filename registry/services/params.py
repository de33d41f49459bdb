"""Logging params: nested in, dotted in PostgreSQL, nested again in MongoDB."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from django.db import connection, transaction

from registry.documents import plain
from registry.documents.flat_leaves import size_of
from registry.exceptions import BadInputError, ParamConflictError
from registry.models import Param, TrainingRun
from registry.models.param import number_in
from registry.sync import run_body

from .names import checked_key
from .run_rows import bump, lock_run

MAX_LEAVES = 10_000
Path = tuple[str, ...]
Leaves = dict[Path, Any]

INSERT = """
INSERT INTO registry_param (run_id, key, value, value_number)
SELECT %(run)s, key, value, number
FROM unnest(%(keys)s::text[], %(values)s::text[], %(numbers)s::float8[]) AS new (key, value, number)
ON CONFLICT (run_id, key) DO NOTHING
RETURNING key
"""


def log_params(*, run_id: str, params: Mapping[str, Any]) -> None:
    """Log params of any shape; the same value again is fine, another value is an error.

    Args:
        run_id: an active run.
        params: nested; each leaf (a list is one leaf) becomes a param with a dotted key.

    Raises:
        ParamConflictError: a param already has another value; none of this call was stored.
        BadInputError: a value can't be stored.
    """
    leaves = read_leaves(params)
    with transaction.atomic():
        run = lock_run(run_id)
        if new := store_params(run=run, leaves=leaves):
            claim_space(run, new)
            bump(run, "body_bytes")
            run_body.promise_leaves(run=run, leaves=new)


def read_leaves(params: Mapping[str, Any]) -> Leaves:
    """Params as path of encoded keys → encoded value.

    Raises:
        BadInputError: a key or value can't be stored, or there are too many.
    """
    leaves = dict(_leaves(plain.encode(dict(params), where="params"), ()))
    if len(leaves) > MAX_LEAVES:
        raise BadInputError(
            f"{len(leaves):,} params in one call; a run may have {MAX_LEAVES:,}."
            " Log large settings as an artifact."
        )
    return leaves


def claim_space(run: TrainingRun, leaves: Leaves) -> None:
    """Count the params' size on the run, so that its document never outgrows MongoDB's limit.

    Raises:
        BodyTooLargeError: with these, the run's params pass 15 MB.
    """
    run.body_bytes += size_of(leaves)
    plain.check_size(run.body_bytes, where=f"The params of run {run.run_id} together")


def store_params(*, run: TrainingRun, leaves: Leaves) -> Leaves:
    """Insert the params that are new, inside the caller's transaction; returns their leaves."""
    if not leaves:
        return {}
    texts = {dotted(path): as_text(plain.decode(value)) for path, value in leaves.items()}
    _refuse_params_inside_params(run, leaves)
    inserted = insert_params(run=run, texts=texts)
    return {path: value for path, value in leaves.items() if dotted(path) in inserted}


def insert_params(*, run: TrainingRun, texts: Mapping[str, str]) -> set[str]:
    """Insert params by key, inside the caller's transaction; returns the keys that are new.

    Raises:
        ParamConflictError: one is there with another value.
    """
    inserted = _insert(run, texts)
    _refuse_other_values(run, {key: text for key, text in texts.items() if key not in inserted})
    return inserted


def dotted(path: Path) -> str:
    """The key in PostgreSQL of a path in MongoDB."""
    return checked_key(".".join(plain.decode_key(part) for part in path), what="The param")


def as_text(value: Any) -> str:
    """A param's text: plain for scalars, JSON for lists and empty dicts."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) or value is None or hasattr(value, "isoformat"):
        return str(value)
    return orjson.dumps(plain.as_json(value)).decode()


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and (value or not path):
        for key, child in value.items():
            yield from _leaves(child, (*path, key))
    else:
        yield path, value


def _insert(run: TrainingRun, texts: Mapping[str, str]) -> set[str]:
    values: dict[str, Any] = {
        "run": run.pk,
        "keys": list(texts),
        "values": list(texts.values()),
        "numbers": [number_in(text) for text in texts.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        return {key for (key,) in cursor.fetchall()}


def _refuse_other_values(run: TrainingRun, texts: dict[str, str]) -> None:
    if not texts:
        return
    for key, value in Param.objects.filter(run=run, key__in=texts).values_list("key", "value"):
        if value != texts[key]:
            raise ParamConflictError(
                # MLflow's words: its clients look for them.
                f"Changing param values is not allowed. Param with key={key!r} was already logged with"
                f" value={value[:200]!r} for run ID={run.run_id!r}."
                f" Attempted logging new value {texts[key][:200]!r}."
            )


def _refuse_params_inside_params(run: TrainingRun, leaves: Leaves) -> None:
    """``a`` can't be both a value and a group with ``a.b`` in it."""
    groups = {dotted(path[:depth]) for path in leaves for depth in range(1, len(path))}
    if groups and (
        key := Param.objects.filter(run=run, key__in=groups).values_list("key", flat=True).first()
    ):
        raise ParamConflictError(f"The param {key!r} of run {run.run_id} is a value; it can't hold params.")
