"""What the files of a version tell of themselves: MLflow's ``MLmodel``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from registry.artifacts import storage
from registry.artifacts.mlmodel import FILE_NAME, read_mlmodel
from registry.artifacts.plain_yaml import MAX_BYTES
from registry.exceptions import ArtifactError, BadInputError
from registry.models import Artifact

MOST_COLUMNS = 60
PARTS = ("inputs", "outputs", "params")


@dataclass(frozen=True, slots=True)
class SignaturePart:
    """What goes in, what comes out, or what may be set: names and types."""

    title: str
    columns: list[tuple[str, str]]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What ``MLmodel`` says.

    Attributes:
        flavors: Each library that can load it, with its version where that is told.
        problem: Why the file can't be shown, else empty.
    """

    flavors: list[tuple[str, str]] = field(default_factory=list)
    signature: list[SignaturePart] = field(default_factory=list)
    mlflow_version: str = ""
    problem: str = ""


def model_card(files: Sequence[Artifact]) -> ModelCard | None:
    """What the outermost ``MLmodel`` among the files says; None where there is none."""
    described = [each for each in files if PurePosixPath(each.path).name == FILE_NAME]
    if not described:
        return None
    file = min(described, key=lambda each: len(PurePosixPath(each.path).parts))
    if file.size_bytes > MAX_BYTES:
        return ModelCard(problem=f"{FILE_NAME} is too large to be shown; download it.")
    try:
        told = read_mlmodel(b"".join(storage.read(file.sha256, size_bytes=file.size_bytes)))
    except (ArtifactError, BadInputError) as error:
        return ModelCard(problem=str(error))
    flavors, signature = told.get("flavors"), told.get("signature")
    return ModelCard(
        flavors=_flavors(flavors if isinstance(flavors, dict) else {}),
        signature=_signature(signature if isinstance(signature, dict) else {}),
        mlflow_version=str(told.get("mlflow_version", "")),
    )


def _flavors(flavors: dict[Any, Any]) -> list[tuple[str, str]]:
    return [(str(name), _version_in(about)) for name, about in sorted(flavors.items(), key=str)]


def _version_in(about: object) -> str:
    """Of a flavor's fields the one that ends in ``version``."""
    if not isinstance(about, dict):
        return ""
    return next((str(value) for key, value in about.items() if str(key).endswith("version")), "")


def _signature(signature: dict[Any, Any]) -> list[SignaturePart]:
    parts = []
    for title in PARTS:
        columns = signature.get(title)
        if isinstance(columns, list) and columns:
            shown = [_column(each) for each in columns[:MOST_COLUMNS]]
            parts.append(SignaturePart(title, shown, len(columns) > MOST_COLUMNS))
    return parts


def _column(column: object) -> tuple[str, str]:
    if not isinstance(column, dict):
        return "", str(column)[:80]
    kind = column.get("type", "")
    spec = column.get("tensor-spec")
    if isinstance(spec, dict):
        kind = f"{spec.get('dtype', 'tensor')} {spec.get('shape', '')}"
    return str(column.get("name", "")), str(kind)[:80]
