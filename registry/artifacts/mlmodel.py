"""What a model tells of itself: the file ``MLmodel``, in YAML, that MLflow puts beside its other files."""

import contextlib
import json
from typing import Any

from .plain_yaml import read_fields

FILE_NAME = "MLmodel"
KEPT = (
    "artifact_path", "flavors", "metadata", "mlflow_version", "model_id", "model_size_bytes", "model_uuid",
    "run_id", "saved_input_example_info", "signature", "type_hint_from_example", "utc_time_created",
)  # fmt: skip


def read_mlmodel(data: bytes) -> dict[str, Any]:
    """The fields that are kept; the signature's columns, which are JSON in YAML, as lists.

    Raises:
        BadInputError: it is no such file, or one that nobody should read.
    """
    found = read_fields(data, name=FILE_NAME)
    model = {key: found[key] for key in KEPT if found.get(key) is not None}
    if isinstance(signature := model.get("signature"), dict):
        model["signature"] = {name: _columns(value) for name, value in signature.items()}
    return model


def _columns(value: object) -> object:
    if isinstance(value, str):
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(value)
    return value
