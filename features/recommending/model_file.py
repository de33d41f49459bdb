"""The model as a file: arrays of numbers in npz. Nothing is pickled, and nothing pickled is read."""

from dataclasses import asdict
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

import numpy as np
from scipy import sparse

from registry.exceptions import ConflictError

from .maths.item_item import ItemItem, Settings

MOST_FILMS = 100_000


def to_bytes(model: ItemItem) -> bytes:
    """The fitted model as one npz file; likeness as float32, which changes no order that matters."""
    likeness = model.likeness
    buffer = BytesIO()
    np.savez_compressed(
        buffer,
        allow_pickle=False,
        film_ids=np.array(model.film_ids, dtype=np.int64),
        data=likeness.data.astype(np.float32),
        indices=likeness.indices.astype(np.int32),
        indptr=likeness.indptr.astype(np.int32),
        **{f"setting_{name}": np.array(value) for name, value in asdict(model.settings).items()},
    )
    return buffer.getvalue()


def from_bytes(content: bytes) -> ItemItem:
    """The model of a file.

    Raises:
        ConflictError: it is none that :func:`to_bytes` made.
    """
    try:
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            return _model(dict(arrays))
    except (BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise ConflictError(f"The file is no item-item model: {error}") from error


def _model(arrays: dict[str, Any]) -> ItemItem:
    films = tuple(arrays["film_ids"].tolist())
    if len(films) > MOST_FILMS:
        raise ValueError(f"{len(films):,} films are more than {MOST_FILMS:,}")
    likeness = sparse.csr_array(
        (arrays["data"].astype(np.float64), arrays["indices"], arrays["indptr"]), shape=(len(films),) * 2
    )
    likeness.check_format(full_check=True)
    settings = Settings(
        neighbours=int(arrays["setting_neighbours"]),
        half_life=float(arrays["setting_half_life"]),
        shrinkage=float(arrays["setting_shrinkage"]),
        least_stars=int(arrays["setting_least_stars"]),
    )
    return ItemItem(films, settings, likeness)
