"""Models in skops files: plain data of known types, never code, and trees that are trees."""

import io
import logging
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from .errors import ModelRefusedError, UntrustedModelError
from .trees import check_owners, check_tree_state

logger = logging.getLogger(__name__)

TREE = ("sklearn.tree._tree", "Tree")
# What scikit-learn's models hold that skops does not trust by itself. Of the two trees it has a reason: their
# numbers are followed in C. So these are looked at (``trees``); the others are plain data.
TRUSTED_TYPES: Sequence[str] = (
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
)
# skops trusts these, but libsvm follows their numbers in C, and nobody looks at them here.
UNCHECKED_TYPES = frozenset(
    f"sklearn.svm._classes.{name}" for name in ("SVC", "NuSVC", "SVR", "NuSVR", "OneClassSVM")
)


def read_skops(content: bytes, *, trusted: Sequence[str] = ()) -> Any:
    """The fitted model of a skops file.

    Args:
        trusted: types that the operator trusts, beside ``TRUSTED_TYPES``. What the file itself says of
            trust counts for nothing.

    Raises:
        UntrustedModelError: the file names a type that nobody trusts; nothing of it was made.
        ModelRefusedError: it is no skops file, or one of its trees is none.
    """
    try:
        return _read(content, {*TRUSTED_TYPES, *trusted})
    except ModelRefusedError:
        raise
    except Exception as error:
        logger.warning("A skops file can't be read: %s", type(error).__name__, exc_info=True)
        raise ModelRefusedError("The model's file is no skops file that can be read here.") from error


def _read(content: bytes, allowed: set[str]) -> Any:
    # skops brings scikit-learn: a second, for those who serve.
    from skops.io._audit import get_tree  # noqa: PLC0415
    from skops.io._sklearn import TreeNode  # noqa: PLC0415
    from skops.io._utils import read_schema  # noqa: PLC0415

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        schema, context = read_schema(archive)
        root = get_tree(schema, context, trusted=sorted(allowed))
        nodes = list(_nodes(root))
        named = {f"{node.module_name}.{node.class_name}" for node in nodes}
        if unknown := (root.get_unsafe_set() | named & UNCHECKED_TYPES) - allowed:
            raise UntrustedModelError(
                f"The model's file is refused: it holds {', '.join(sorted(unknown))[:500]}, which nobody here"
                " trusts. An operator who knows them may name them in TRUSTED_MODEL_TYPES."
            )
        for node in nodes:
            _check_maker(node, is_tree=type(node) is TreeNode)
        model = root.construct()
        check_owners({id(made): made for made in (node.construct() for node in nodes)}.values())
    return model


def _check_maker(node: Any, *, is_tree: bool) -> None:
    """Before anything is made: what a tree is made of, and that nothing else makes one.

    Raises:
        ModelRefusedError: a tree is none.
    """
    from skops.io._general import TypeNode  # noqa: PLC0415 (as above)

    if is_tree:
        check_tree_state(node.args.construct(), node.attrs.construct())
        return
    maker = getattr(node, "constructor", node)
    if not isinstance(node, TypeNode) and (maker.module_name, maker.class_name) == TREE:
        raise ModelRefusedError(
            "The model's file is refused: it makes a tree in another way than skops does."
        )


def _nodes(root: Any) -> Iterator[Any]:
    """All parts of a file, each once."""
    from skops.io._audit import Node  # noqa: PLC0415 (as above)

    waiting, seen = [root], set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, (list, dict)):
            waiting.extend(each.values() if isinstance(each, dict) else each)
        elif isinstance(each, Node) and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting.extend(each.children.values())


def unpacked_bytes(content: bytes) -> int:
    """How large a skops file is when it is unpacked, as it says.

    Raises:
        ModelRefusedError: it is no such file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(each.file_size for each in archive.infolist())
    except Exception as error:
        raise ModelRefusedError("The model's file is no skops file.") from error
