"""Recording model configs: how a model is built, in its framework's own shape."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

import orjson

from registry.documents import config_store, plain
from registry.exceptions import BadInputError, ConflictError, NotFoundError
from registry.fields import HEX_ID

from .names import checked_name, checked_text
from .run_rows import find_run

FRAMEWORK = re.compile(r"[a-z0-9][a-z0-9_.+-]{0,63}")
KNOWN_FRAMEWORKS = (
    "catboost", "jax", "keras", "lightgbm", "onnx", "pytorch", "scikit-learn", "spark", "statsmodels",
    "tensorflow", "transformers", "xgboost",
)  # fmt: skip
MAX_BATCH = 10_000


class ConfigInput(TypedDict, total=False):
    """The arguments of :func:`insert_model_config`, for many at once."""

    name: str
    framework: str
    config: Mapping[str, Any]
    run_id: str | None
    model_type: str
    metrics: Mapping[str, float]
    tags: Iterable[str]
    config_id: str


def insert_model_config(
    *,
    name: str,
    framework: str,
    config: Mapping[str, Any],
    run_id: str | None = None,
    model_type: str = "",
    metrics: Mapping[str, Any] | None = None,
    tags: Iterable[str] = (),
    config_id: str | None = None,
) -> str:
    """Record a config of any shape; the same content again changes nothing.

    Args:
        framework: a name in lower case; one that we have never heard of is kept as it is.
        config: not empty; keys may hold dots and dollars.
        run_id: the run in PostgreSQL that the config belongs to.
        config_id: 32 hexadecimal characters; by default the content's digest.

    Returns:
        The config's id.

    Raises:
        BadInputError: something can't be stored; nothing was.
        NotFoundError: there is no such run.
        ConflictError: the chosen id belongs to another config.
        StoreUnavailableError: MongoDB does not answer.
    """
    document = _document(
        {
            "name": name, "framework": framework, "config": config, "run_id": run_id,
            "model_type": model_type, "metrics": metrics or {}, "tags": tags,
        },
        config_id,
    )  # fmt: skip
    if run_id is not None:
        find_run(run_id)
    if not config_store.insert_configs([document]):
        found = config_store.find_config(document["_id"])
        if found is not None and found.get("digest") != document["digest"]:
            raise ConflictError(f"The id {document['_id']} belongs to another config, {found['name']!r}.")
    return str(document["_id"])


def upsert_model_configs(*, configs: Sequence[ConfigInput]) -> tuple[int, int]:
    """Insert or update many configs in one round trip; returns how many were new and how many changed.

    Raises:
        BadInputError: one can't be stored; none was.
    """
    if len(configs) > MAX_BATCH:
        raise BadInputError(f"{len(configs):,} configs in one batch; send at most {MAX_BATCH:,}.")
    documents = [_document(dict(each), each.get("config_id")) for each in configs]
    return config_store.replace_configs(documents) if documents else (0, 0)


def add_config_metrics(*, config_id: str, metrics: Mapping[str, float]) -> dict[str, Any]:
    """Add metrics that no schema foresaw, beside those that are there; returns all of them.

    Raises:
        NotFoundError: there is no such config.
        BadInputError: a value is no number.
    """
    document = config_store.set_metrics(config_id, _metrics(metrics)) if metrics else None
    document = document or config_store.find_config(config_id)
    if document is None:
        raise NotFoundError(f"There is no model config with id {config_id!r}.")
    found: dict[str, Any] = plain.decode(document.get("metrics", {}))
    return found


def _document(given: Mapping[str, Any], config_id: str | None) -> dict[str, Any]:
    if not isinstance(given.get("config"), Mapping) or not given["config"]:
        raise BadInputError("A config is a mapping with at least one key.")
    content = {
        "name": checked_name(given.get("name", ""), what="The config's name"),
        "framework": _framework(given.get("framework", "")),
        "model_type": checked_text(given.get("model_type", ""), what="The model's type"),
        "config": plain.encode(dict(given["config"]), where="config"),
        "metrics": _metrics(given.get("metrics") or {}),
        "tags": sorted({checked_name(tag, what="A tag") for tag in given.get("tags", ())}),
    }
    if given.get("run_id"):
        content["run_id"] = given["run_id"]
    canonical = orjson.dumps(plain.as_json(config_store.digest_of(content)), option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(canonical).hexdigest()
    if config_id is not None and not HEX_ID.fullmatch(config_id):
        raise BadInputError(f"A config's id is 32 hexadecimal characters, not {config_id!r}.")
    plain.packed(content, where="The config")
    return {"_id": config_id or digest[:32], **content, "digest": digest, "created_at": config_store.now()}


def _framework(framework: str) -> str:
    if not FRAMEWORK.fullmatch(framework):
        raise BadInputError(
            f"{framework[:70]!r} is no framework's name. Use lower case letters, digits, dots, dashes or"
            f" underscores, such as {', '.join(KNOWN_FRAMEWORKS[:6])}."
        )
    return framework


def _metrics(metrics: Mapping[str, Any]) -> dict[str, Any]:
    for key, value in metrics.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise BadInputError(f"The metric {key!r} is {value!r}; it must be a number.")
    encoded: dict[str, Any] = plain.encode(dict(metrics), where="metrics")
    return encoded
