"""The data sets that ship inside scikit-learn's wheel, and their fixed splits."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn import datasets as bundled
from sklearn.model_selection import train_test_split

from features.seeding.results import DatasetFacts, Task

Array = npt.NDArray[np.float64]
HELD_OUT = 0.4  # of all rows: one half to watch the training, one half for the final scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How to load one data set, and what to say about it."""

    loader: str
    task: Task
    description: str


SOURCES = {
    "breast-cancer": Source(
        loader="load_breast_cancer",
        task="classification",
        description="Wisconsin diagnostic breast cancer: 30 measurements of cell nuclei, "
        "malignant or benign.",
    ),
    "wine": Source(
        loader="load_wine",
        task="classification",
        description="Chemical analysis of wines from three cultivars of one Italian region.",
    ),
    "digits": Source(
        loader="load_digits",
        task="classification",
        description="Handwritten digits as 8 by 8 grey images, ten classes.",
    ),
    "diabetes": Source(
        loader="load_diabetes",
        task="regression",
        description="Disease progression one year after ten baseline measurements of 442 patients.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Rows to train on, to watch (``val``) and to score (``test``), of one data set.

    ``x_…`` have shape (rows, features), ``y_…`` shape (rows,). ``class_names`` is empty for a
    regression.
    """

    task: Task
    x_train: Array
    y_train: Array
    x_val: Array
    y_val: Array
    x_test: Array
    y_test: Array
    feature_names: Sequence[str]
    class_names: Sequence[str]


@cache
def load(name: str) -> Any:
    """The bunch that scikit-learn ships: ``data``, ``target``, ``feature_names``, …"""
    return getattr(bundled, SOURCES[name].loader)()


def describe(name: str) -> DatasetFacts:
    """Size, source and digest of a data set, read from its arrays."""
    source, bunch = SOURCES[name], load(name)
    digest = hashlib.sha256()
    for values in (bunch.data, bunch.target):
        digest.update(np.ascontiguousarray(values, dtype=np.float64).tobytes())
    rows, features = bunch.data.shape
    return DatasetFacts(
        name=name,
        description=source.description,
        source=f"sklearn.datasets.{source.loader}",
        task=source.task,
        digest=digest.hexdigest(),
        rows=rows,
        features=features,
    )


def split(name: str, seed: int) -> Split:
    """60 % of the rows to train, 20 % to watch, 20 % to score; classes keep their shares."""
    task, bunch = SOURCES[name].task, load(name)
    is_classes = task == "classification"
    x_train, x_rest, y_train, y_rest = train_test_split(
        bunch.data,
        bunch.target,
        test_size=HELD_OUT,
        random_state=seed,
        stratify=bunch.target if is_classes else None,
    )
    x_val, x_test, y_val, y_test = train_test_split(
        x_rest, y_rest, test_size=0.5, random_state=seed, stratify=y_rest if is_classes else None
    )
    return Split(
        task=task,
        x_train=x_train,
        y_train=y_train,
        x_val=x_val,
        y_val=y_val,
        x_test=x_test,
        y_test=y_test,
        feature_names=[str(feature) for feature in bunch.feature_names],
        class_names=[str(label) for label in bunch.target_names] if is_classes else [],
    )
