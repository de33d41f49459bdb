"""Whether the trees of a loaded model are trees. Plain Python, no Django.

scikit-learn follows a tree's children and features in C, without looking whether they are there: one number
changed in a file ends the process or never comes back. So nothing of a tree is believed before it was looked
at here, and a :class:`sklearn.tree._tree.Tree` is looked at before it is made of it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .errors import ModelRefusedError

LEAF = -1
BITSET_WORDS = 8


def check_tree_state(arguments: Any, state: Mapping[str, Any]) -> None:
    """What a ``Tree`` is to be made of.

    Args:
        arguments: its constructor's: number of features, classes of each output, number of outputs.
        state: ``nodes`` (a record a node), ``node_count``, ``max_depth``.

    Raises:
        ModelRefusedError: it is no tree.
    """
    features, classes, outputs = arguments
    _require(_is_count(features) and _is_count(outputs), "its sizes are no whole numbers above 0")
    _require(np.shape(classes) == (outputs,) and np.min(classes) > 0, "its outputs have no classes")
    nodes = state["nodes"]
    _require(type(nodes) is np.ndarray and nodes.ndim == 1, "its nodes are no list")
    _require(state["node_count"] == len(nodes) > 0, "it has another number of nodes than it says")
    left, right = nodes["left_child"].astype(np.int64), nodes["right_child"].astype(np.int64)
    splits = left != LEAF
    _require(bool((right[~splits] == LEAF).all()), "a leaf has a child")
    depth = _checked_depth(left, right, splits)
    _require(state["max_depth"] == depth, "it has another depth than it says")
    _check_features(nodes["feature"][splits], features)


def check_owners(made: Iterable[Any]) -> None:
    """Every tree belongs to an estimator that hands it rows as wide as it reads.

    Args:
        made: all objects of a loaded model.

    Raises:
        ModelRefusedError: one does not, or an estimator's parts do not fit each other.
    """
    from sklearn.ensemble._gb import BaseGradientBoosting  # noqa: PLC0415 (a second, for those who serve)
    from sklearn.ensemble._hist_gradient_boosting.gradient_boosting import (  # noqa: PLC0415
        BaseHistGradientBoosting,
    )
    from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor  # noqa: PLC0415
    from sklearn.tree import BaseDecisionTree  # noqa: PLC0415
    from sklearn.tree._tree import Tree  # noqa: PLC0415

    found = list(made)
    owned: set[int] = set()
    for each in found:
        if isinstance(each, BaseDecisionTree) and hasattr(each, "tree_"):
            _require(each.tree_.n_features == _width(each), "it reads more values than a row has")
            owned.add(id(each.tree_))
        elif isinstance(each, BaseHistGradientBoosting) and hasattr(each, "_predictors"):
            owned.update(id(tree) for tree in _checked_predictors(each, TreePredictor))
    for each in found:
        if isinstance(each, BaseGradientBoosting) and hasattr(each, "estimators_"):
            _check_boosting(each, BaseDecisionTree)
    _require(
        all(id(each) in owned for each in found if isinstance(each, (Tree, TreePredictor))),
        "it belongs to no estimator",
    )


def _check_boosting(model: Any, kind: type) -> None:
    """scikit-learn adds up in C: a column of the sum for each tree of a round."""
    from sklearn.dummy import DummyClassifier, DummyRegressor  # noqa: PLC0415 (as above)

    trees = model.estimators_
    _require(type(trees) is np.ndarray and trees.ndim == 2 and trees.size > 0, "its rounds are no table")  # noqa: PLR2004
    _require(all(isinstance(each, kind) for each in trees.flat), "a round has something else than trees")
    width = _width(model)
    _require(all(_width(each) == width for each in trees.flat), "its trees read rows of other widths")
    starts_plainly = isinstance(model.init_, (DummyClassifier, DummyRegressor)) or (
        isinstance(model.init_, str) and model.init_ == "zero"
    )
    _require(starts_plainly, "it starts from another model")
    begun = np.shape(model._raw_predict_init(np.zeros((2, width))))  # noqa: SLF001 (all that there is)
    _require(begun == (2, trees.shape[1]), "its rounds have another number of trees than it starts with")


def _checked_predictors(model: Any, kind: type) -> list[Any]:
    width, before = _width(model), getattr(model, "_preprocessor", None)
    if before is not None:
        _require(np.shape(before.transform(np.zeros((1, width)))) == (1, width), "it changes the rows' width")
    trees = [each for step in model._predictors for each in step]  # noqa: SLF001 (as above)
    for tree in trees:
        _require(type(tree) is kind, "a round has something else than trees")
        _check_predictor(tree, width, model._bin_mapper)  # noqa: SLF001 (as above)
    return trees


def _check_predictor(tree: Any, width: int, bins: Any) -> None:
    nodes = tree.nodes
    _require(type(nodes) is np.ndarray and nodes.ndim == 1 and len(nodes) > 0, "its nodes are no list")
    splits = nodes["is_leaf"] == 0
    _checked_depth(nodes["left"].astype(np.int64), nodes["right"].astype(np.int64), splits)
    _check_features(nodes["feature_idx"][splits], width)
    by_category = nodes[splits & (nodes["is_categorical"] != 0)]
    if not len(by_category):
        return
    known, bitsets = np.asarray(bins.is_categorical_), tree.raw_left_cat_bitsets
    _require(known.shape == (width,), "its categories are of other features")
    _require(bool(known[by_category["feature_idx"]].all()), "a number is taken for a category")
    _require(type(bitsets) is np.ndarray and bitsets.ndim == 2, "its categories are no table")  # noqa: PLR2004
    _require(bitsets.shape[1] == BITSET_WORDS, "its categories are no table")
    _require(bool((by_category["bitset_idx"] < len(bitsets)).all()), "it reads categories that are not there")


def _checked_depth(left: Any, right: Any, splits: Any) -> int:
    """How deep the tree is; the first node is its root, and every other one the child of one before it."""
    parents = np.flatnonzero(splits)
    children = np.concatenate((left[parents], right[parents]))
    comes_after = children > np.concatenate((parents, parents))
    _require(bool(comes_after.all()), "a node is its own ancestor")
    _require(bool((children < len(left)).all()), "a child is not there")
    _require(np.array_equal(np.sort(children), np.arange(1, len(left))), "a node has not one parent")
    depth, level = 0, parents[parents == 0]
    while len(level):
        below = np.concatenate((left[level], right[level]))
        depth, level = depth + 1, below[splits[below]]
    return depth


def _check_features(read: Any, width: int) -> None:
    _require(bool(((read >= 0) & (read < width)).all()), "it reads values that a row has not")


def _width(estimator: Any) -> int:
    width = getattr(estimator, "n_features_in_", None)
    _require(_is_count(width), "its estimator does not say how wide a row is")
    return int(width)  # type: ignore[arg-type] # it is a count


def _is_count(value: Any) -> bool:
    return type(value) in (int, np.int64) and value > 0


def _require(holds: bool, why: str) -> None:  # noqa: FBT001 (a condition)
    if not holds:
        raise ModelRefusedError(f"The model's file is refused: a tree in it is damaged or made up ({why}).")
