"""What a model tells of itself: the file ``MLmodel``, in YAML, that MLflow puts beside its other files.

The file comes from outside, so it is looked through before anything is made of it: a file that names
parts of itself (with which a few lines make gigabytes), that is nested without end or too large is refused.
"""

import contextlib
import json
from typing import Any

import yaml

from registry.exceptions import BadInputError

FILE_NAME = "MLmodel"
MAX_BYTES = 512 * 1024
MAX_DEPTH = 50
KEPT = (
    "artifact_path", "flavors", "metadata", "mlflow_version", "model_id", "model_size_bytes", "model_uuid",
    "run_id", "saved_input_example_info", "signature", "type_hint_from_example", "utc_time_created",
)  # fmt: skip
BEGINNINGS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_mlmodel(data: bytes) -> dict[str, Any]:
    """The fields that are kept; the signature's columns, which are JSON in YAML, as lists.

    Raises:
        BadInputError: it is no such file, or one that nobody should read.
    """
    if len(data) > MAX_BYTES:
        raise BadInputError(f"{FILE_NAME} has {len(data):,} bytes; up to {MAX_BYTES:,} are read.")
    try:
        _look_through(data)
        found = yaml.load(data, Loader=LOADER)  # noqa: S506 (a safe loader, both in C and in Python)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadInputError(f"{FILE_NAME} is no YAML.") from error
    if not isinstance(found, dict):
        raise BadInputError(f"{FILE_NAME} holds no fields.")
    model = {key: found[key] for key in KEPT if found.get(key) is not None}
    if isinstance(signature := model.get("signature"), dict):
        model["signature"] = {name: _columns(value) for name, value in signature.items()}
    return model


def _look_through(data: bytes) -> None:
    depth = 0
    for event in yaml.parse(data, Loader=LOADER):
        depth += isinstance(event, BEGINNINGS) - isinstance(event, ENDS)
        if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
            raise BadInputError(f"{FILE_NAME} refers to itself, or is nested too deeply.")


def _columns(value: object) -> object:
    if isinstance(value, str):
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(value)
    return value
