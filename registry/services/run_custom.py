"""Metadata of a run that no schema foresaw."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from registry.documents import plain
from registry.sync import run_body

from .run_rows import bump, lock_run


def set_run_custom(*, run_id: str, custom: Mapping[str, Any]) -> int:
    """Replace a run's free metadata, kept in MongoDB; returns the run's version after.

    Raises:
        BadInputError: a key or value can't be stored; nothing was.
    """
    body = plain.encode(dict(custom), where="custom")
    with transaction.atomic():
        run = lock_run(run_id)
        bump(run)
        run_body.promise_custom(run=run, custom=body)
    return run.version
