import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from skops import io as skops_io

from features.predicting.errors import ModelRefusedError, UntrustedModelError
from features.predicting.skops_files import read_skops
from features.predicting.trees import check_owners, check_tree_state

ROWS = np.random.default_rng(0).random((120, 3))
CLASSES = (ROWS[:, 0] * 3).astype(int)
SERVED = """
import pathlib, sys
from features.predicting.errors import ModelRefusedError
from features.predicting.skops_files import read_skops
for path in sys.argv[1:]:
    try:
        read_skops(pathlib.Path(path).read_bytes()).predict([[0.1, 0.2, 0.3]])
    except ModelRefusedError:
        print("refused")
"""


def tree() -> Any:
    return DecisionTreeClassifier(max_depth=3, random_state=0).fit(ROWS, CLASSES)


def boosted() -> Any:
    return GradientBoostingClassifier(n_estimators=2, max_depth=2).fit(ROWS, CLASSES)


def binned() -> Any:
    return HistGradientBoostingClassifier(max_iter=2, max_depth=3).fit(ROWS, CLASSES)


def with_nodes(model: Any, **changed: Any) -> Any:
    """The tree with a number of its root, or of its state, changed."""
    state = model.tree_.__getstate__()
    nodes = state["nodes"].copy()
    for name, value in changed.items():
        if name in nodes.dtype.names:
            nodes[name][0] = value
        else:
            state[name] = value
    model.tree_.__setstate__(state | {"nodes": nodes})
    return model


def with_root(model: Any, **changed: Any) -> Any:
    for name, value in changed.items():
        model._predictors[0][0].nodes[name][0] = value
    return model


@pytest.mark.parametrize(
    "model",
    [
        tree(),
        DecisionTreeClassifier(max_leaf_nodes=5, ccp_alpha=0.001).fit(ROWS, CLASSES),
        DecisionTreeRegressor().fit(ROWS, ROWS[:, :2]),
        DecisionTreeClassifier().fit(ROWS, np.zeros(len(ROWS))),
        RandomForestClassifier(3).fit(ROWS, CLASSES),
        ExtraTreesRegressor(3).fit(ROWS, ROWS[:, 0]),
        IsolationForest(n_estimators=3, max_features=2).fit(ROWS),
        AdaBoostClassifier(n_estimators=3).fit(ROWS, CLASSES),
        boosted(),
        GradientBoostingRegressor(n_estimators=2, init="zero").fit(ROWS, ROWS[:, 0]),
        binned(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_trees_as_scikit_learn_grows_them_are_taken(model: Any) -> None:
    assert read_skops(skops_io.dumps(model)).predict(ROWS).tolist() == model.predict(ROWS).tolist()


def test_a_file_whose_tree_never_ends_or_leaves_its_nodes_does_not_end_the_process(tmp_path: Path) -> None:
    far, endless = tmp_path / "far.skops", tmp_path / "endless.skops"
    far.write_bytes(skops_io.dumps(with_nodes(tree(), left_child=10**12)))
    endless.write_bytes(skops_io.dumps(with_nodes(tree(), left_child=0, right_child=0)))
    done = subprocess.run(
        [sys.executable, "-c", SERVED, far, endless], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"refused\nrefused\n")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"left_child": 10**12}, "a child is not there"),
        ({"left_child": 0}, "its own ancestor"),
        ({"left_child": 2}, "not one parent"),
        ({"left_child": -1}, "a leaf has a child"),
        ({"left_child": -5}, "its own ancestor"),
        ({"feature": 3}, "values that a row has not"),
        ({"feature": -2}, "values that a row has not"),
        ({"max_depth": 1}, "another depth"),
    ],
    ids=str,
)
def test_a_tree_that_is_none_is_refused(changed: dict[str, int], why: str) -> None:
    with pytest.raises(ModelRefusedError, match=why):
        read_skops(skops_io.dumps(with_nodes(tree(), **changed)))


def test_a_tree_is_looked_at_before_it_is_made() -> None:
    state = tree().tree_.__getstate__()
    check_tree_state((3, np.array([3]), 1), state)
    for arguments in (
        (3, np.array([3]), 10**9),
        (3, np.array([0]), 1),
        (0, np.array([3]), 1),
        (3, np.array([3]), True),
    ):
        with pytest.raises(ModelRefusedError):
            check_tree_state(arguments, state)
    for changed in ({"node_count": 10**9}, {"nodes": state["nodes"][:0], "node_count": 0}, {"nodes": [1]}):
        with pytest.raises(ModelRefusedError):
            check_tree_state((3, np.array([3]), 1), state | changed)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"left": 4_000_000_000}, "a child is not there"),
        ({"left": 0}, "its own ancestor"),
        ({"feature_idx": 3}, "values that a row has not"),
        ({"is_categorical": 1}, "a number is taken for a category"),
    ],
    ids=str,
)
def test_a_tree_of_bins_that_is_none_is_refused(changed: dict[str, int], why: str) -> None:
    with pytest.raises(ModelRefusedError, match=why):
        read_skops(skops_io.dumps(with_root(binned(), **changed)))


def test_categories_that_are_not_there_are_refused() -> None:
    by_category = HistGradientBoostingClassifier(max_iter=2, categorical_features=[0])
    model = by_category.fit(np.c_[CLASSES, ROWS[:, 1:]], CLASSES)
    trusted = skops_io.get_untrusted_types(data=skops_io.dumps(model))
    assert read_skops(skops_io.dumps(model), trusted=trusted)
    with pytest.raises(ModelRefusedError, match="categories that are not there"):
        read_skops(skops_io.dumps(with_root(model, bitset_idx=9)), trusted=trusted)
    model._predictors[0][0].raw_left_cat_bitsets = np.zeros((1, 2), dtype=np.uint32)
    with pytest.raises(ModelRefusedError, match="no table"):
        read_skops(skops_io.dumps(model), trusted=trusted)


def test_estimators_whose_trees_do_not_fit_them_are_refused() -> None:
    wide, lost, started, strange = tree(), tree(), boosted(), boosted()
    wide.n_features_in_ = 2
    lost.feature_importances = lost.tree_
    lost.tree_ = None
    started.init_ = LinearRegression()
    strange.estimators_ = strange.estimators_[:, :2]
    nameless = binned()
    del nameless.n_features_in_
    for model in (wide, lost, started, strange, nameless):
        with pytest.raises(ModelRefusedError):
            read_skops(skops_io.dumps(model))


def test_a_tree_that_belongs_to_nobody_is_refused() -> None:
    with pytest.raises(ModelRefusedError, match="belongs to no estimator"):
        check_owners([tree().tree_])


def test_a_support_vector_machine_is_taken_where_the_operator_trusts_it() -> None:
    content = skops_io.dumps(SVC().fit(ROWS, CLASSES))
    with pytest.raises(UntrustedModelError, match=r"SVC.*TRUSTED_MODEL_TYPES"):
        read_skops(content)
    assert read_skops(content, trusted=["sklearn.svm._classes.SVC"])


def test_a_tree_that_is_made_in_another_way_than_skops_does_is_refused() -> None:
    forged = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(skops_io.dumps(tree()))) as source,
        zipfile.ZipFile(forged, "w") as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'"TreeNode"', b'"LossNode"'))
    with pytest.raises(ModelRefusedError, match="in another way"):
        read_skops(forged.getvalue())
