"""Which of a version's files holds its model, and in which format."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

from registry.artifacts import mlmodel

from .errors import ModelRefusedError

Format = Literal["skops", "pickle"]
FORMATS: tuple[tuple[Format, tuple[str, ...]], ...] = (
    ("skops", (".skops",)),
    ("pickle", (".pkl", ".pickle", ".joblib", ".cloudpickle")),
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a version, by its digest."""

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ModelFile:
    """The file to load."""

    file: StoredFile
    format: Format


def model_file(files: Sequence[StoredFile], read: Callable[[StoredFile], bytes]) -> ModelFile:
    """What to load: what ``MLmodel`` says for scikit-learn, else the one skops file, else a pickle.

    Args:
        read: gives a file's bytes.

    Raises:
        ModelRefusedError: there is none, more than one, or one of another framework.
    """
    described = [each for each in files if PurePosixPath(each.path).name == mlmodel.FILE_NAME]
    if described:
        outermost = min(described, key=lambda each: each.path.count("/"))
        return _described(files, outermost, mlmodel.read_mlmodel(read(outermost)))
    for format_, endings in FORMATS:
        found = [each for each in files if each.path.endswith(endings)]
        if len(found) > 1:
            raise ModelRefusedError(
                f"The version has {len(found)} model files ({found[0].path}, {found[1].path}, …)."
                " Register the one that is to be served, by its path."
            )
        if found:
            return ModelFile(found[0], format_)
    raise ModelRefusedError("The version has no model file that can be served: log the model as skops.")


def _described(files: Sequence[StoredFile], described: StoredFile, model: dict[str, Any]) -> ModelFile:
    flavors = model.get("flavors")
    flavor = flavors.get("sklearn") if isinstance(flavors, dict) else None
    if not isinstance(flavor, dict):
        has = ", ".join(sorted(map(str, flavors))) if isinstance(flavors, dict) else "none"
        raise ModelRefusedError(
            f"Only scikit-learn models are served; the flavors of this version are {has[:200]}."
        )
    inside = str(PurePosixPath(described.path).parent / str(flavor.get("pickled_model", "model.pkl")))
    found = next((each for each in files if each.path == inside), None)
    if found is None:
        raise ModelRefusedError(f"The version's MLmodel names {inside[:200]!r}, and there is no such file.")
    is_skops = flavor.get("serialization_format") == "skops"
    return ModelFile(found, "skops" if is_skops else "pickle")
