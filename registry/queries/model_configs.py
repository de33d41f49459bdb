"""Finding model configs by any of their fields."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from registry.documents import config_store, plain
from registry.documents.conditions import Condition, to_filter
from registry.exceptions import NotFoundError

MAX_RESULTS = 1_000


@dataclass(frozen=True)
class ModelConfigView:
    """A config as it came."""

    config_id: str
    name: str
    framework: str
    model_type: str
    run_id: str | None
    config: dict[str, Any]
    metrics: dict[str, Any]
    tags: list[str]
    created_at: dt.datetime


def model_config(config_id: str) -> ModelConfigView:
    """One config (one read).

    Raises:
        NotFoundError: there is none.
        StoreUnavailableError: MongoDB does not answer.
    """
    found = config_store.find_config(config_id)
    if found is None:
        raise NotFoundError(f"There is no model config with id {config_id!r}.")
    return _view(found)


def configs_of_framework(framework: str, *, limit: int = 100) -> list[ModelConfigView]:
    """A framework's configs, newest first (one read)."""
    return configs_where([Condition("framework", "eq", framework)], limit=limit)


def configs_where(conditions: Iterable[Condition], *, limit: int = 100) -> list[ModelConfigView]:
    """Configs that meet every condition on any nested field, newest first (one read).

    Raises:
        BadInputError: a path, operator or value is not acceptable.
        StoreUnavailableError: MongoDB does not answer.
    """
    found = config_store.find_configs(to_filter(conditions), limit=max(1, min(limit, MAX_RESULTS)))
    return [_view(document) for document in found]


def _view(document: dict[str, Any]) -> ModelConfigView:
    return ModelConfigView(
        config_id=document["_id"],
        name=document["name"],
        framework=document["framework"],
        model_type=document.get("model_type", ""),
        run_id=document.get("run_id"),
        config=plain.decode(document["config"]),
        metrics=plain.decode(document.get("metrics", {})),
        tags=document.get("tags", []),
        created_at=document["created_at"],
    )
