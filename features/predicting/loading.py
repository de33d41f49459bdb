"""From the files of a version to a model that predicts."""

import functools
import hashlib
import io
import pickle
from collections.abc import Sequence

from django.conf import settings

from registry.artifacts import storage
from registry.exceptions import ArtifactError

from .errors import ModelRefusedError
from .formats import ModelFile, StoredFile, model_file
from .loaded_models import LoadedModels
from .servable import ServableModel, servable
from .skops_files import read_skops, unpacked_bytes


@functools.cache
def loaded_models() -> LoadedModels:
    """Those of this process."""
    return LoadedModels(max_bytes=_max_bytes())


def chosen_file(files: Sequence[StoredFile]) -> ModelFile:
    """The file that holds the version's model.

    Raises:
        ModelRefusedError: there is none that may be loaded here.
        ArtifactError: ``MLmodel`` is missing on disk, or damaged.
    """
    found = _described_file(tuple(files))
    if found.format == "pickle" and not settings.ALLOW_PICKLED_MODELS:
        raise ModelRefusedError(
            f"{found.file.path} is a pickle: loading it runs whatever code its author put in, with this"
            " server's rights. Log the model as skops (with MLflow: serialization_format='skops')."
            " An operator who trusts everyone who may log models can set ALLOW_PICKLED_MODELS=1."
        )
    return found


@functools.lru_cache(maxsize=512)
def _described_file(files: tuple[StoredFile, ...]) -> ModelFile:
    return model_file(files, read_whole)


def loaded(chosen: ModelFile) -> ServableModel:
    """The model of a file, loaded once a process.

    Raises:
        ModelRefusedError: the file is none that may be loaded here.
        ArtifactError: it is missing on disk, or damaged.
    """
    key = f"{chosen.format}:{chosen.file.sha256}"
    return loaded_models().get(key, lambda: _load(chosen))


def read_whole(file: StoredFile) -> bytes:
    """A file's bytes, whose digest is checked.

    Raises:
        ModelRefusedError: it is larger than what is kept in memory at all.
        ArtifactError: it is missing on disk, or damaged.
    """
    if file.size_bytes > _max_bytes():
        raise _too_large(file.size_bytes)
    content = b"".join(storage.read(file.sha256, size_bytes=file.size_bytes))
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise ArtifactError(f"The file {file.path!r} is damaged on the disk. Log the model again.")
    return content


def _load(chosen: ModelFile) -> ServableModel:
    content = read_whole(chosen.file)
    if chosen.format == "skops":
        size = unpacked_bytes(content)
        if size > _max_bytes():
            raise _too_large(size)
        return servable(read_skops(content, trusted=settings.TRUSTED_MODEL_TYPES), size_bytes=size)
    return servable(_unpickled(content), size_bytes=len(content))


def _unpickled(content: bytes) -> object:
    """Only where an operator allows it (:func:`chosen_file`)."""
    import joblib  # noqa: PLC0415 (comes with scikit-learn; reads plain pickles, too)

    try:
        return joblib.load(io.BytesIO(content))
    except (pickle.UnpicklingError, ImportError, AttributeError, EOFError, ValueError, KeyError) as error:
        raise ModelRefusedError(f"The pickle can't be read here: {str(error)[:300]}") from error


def _max_bytes() -> int:
    return settings.LOADED_MODELS_MAX_MB * 1024**2


def _too_large(size: int) -> ModelRefusedError:
    return ModelRefusedError(
        f"The model takes {size / 1024**2:,.0f} MB; up to {settings.LOADED_MODELS_MAX_MB:,} MB of models"
        " are held in memory (LOADED_MODELS_MAX_MB)."
    )
