"""Changing several things of a run at once."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from registry.models import TrainingRun

from .params import log_params
from .run_custom import set_run_custom
from .run_rows import lock_run
from .tags import set_run_tags


def change_run(
    *,
    run_id: str,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    custom: Mapping[str, Any] | None = None,
) -> TrainingRun:
    """Add params, set tags, replace custom metadata; all of it or nothing.

    Args:
        params: nested; a param that is there keeps its value.
        tags: a tag that is there takes the new value.
        custom: metadata of any shape, kept in MongoDB; it replaces what was there.

    Raises:
        NotFoundError, ConflictError: no such run, or it is in the bin.
        ParamConflictError: a param already has another value.
        BadInputError: something can't be stored.
    """
    with transaction.atomic():
        if params:
            log_params(run_id=run_id, params=params)
        if tags:
            set_run_tags(run_id=run_id, tags=tags)
        if custom is not None:
            set_run_custom(run_id=run_id, custom=custom)
        return lock_run(run_id)
