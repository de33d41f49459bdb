"""Params as MLflow has them: flat keys and texts; dots and JSON become a nested config in MongoDB.

PostgreSQL keeps each text as it came; :mod:`registry.documents.flat_leaves` says what becomes of it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from registry.documents import plain
from registry.documents.flat_leaves import leaves_of
from registry.models import TrainingRun

from .names import checked_key
from .params import Leaves, insert_params

MAX_VALUE = 6_000

# Params of the run in the same groups as new ones.
RELATED = """
SELECT key FROM registry_param WHERE run_id = %s AND split_part(key, '.', 1) = ANY(%s)
"""


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
    return leaves_of({key: texts[key] for key in new}, among=_related(run, new))


def read_flat_params(params: Mapping[str, Any]) -> tuple[dict[str, str], Leaves]:
    """The params of a new run as PostgreSQL and as MongoDB have them; no text is cut.

    Raises:
        BadInputError: one can't be stored.
    """
    texts = {checked_key(key, what="The param"): str(value) for key, value in params.items()}
    return texts, leaves_of(texts)


def _checked_value(key: str, value: str) -> str:
    return plain.check_text(value[:MAX_VALUE], where=f"The param {key[:50]!r}")


def _related(run: TrainingRun, keys: Iterable[str]) -> set[str]:
    if not run.body_bytes:
        return set()  # it has had no params
    with connection.cursor() as cursor:
        cursor.execute(RELATED, [run.pk, sorted({key.split(".")[0] for key in keys})])
        return {key for (key,) in cursor.fetchall()}
