"""Models as files: skops, never pickle."""

from collections.abc import Sequence
from typing import Any
from zipfile import ZIP_DEFLATED

from skops import io as skops_io

# All that skops does not know by itself in a model of any family; each is plain data of scikit-learn.
TRUSTED_TYPES: Sequence[str] = (
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
)


class UntrustedModelError(Exception):
    """A model file holds types outside the allow-list."""


def to_bytes(model: Any) -> bytes:
    """The fitted model as one skops file."""
    content: bytes = skops_io.dumps(model, compression=ZIP_DEFLATED, compresslevel=1)
    return content


def from_bytes(content: bytes) -> Any:
    """The fitted model of a skops file.

    Raises:
        UntrustedModelError: the file names a type that is not in ``TRUSTED_TYPES``.
    """
    unknown = set(skops_io.get_untrusted_types(data=content)) - set(TRUSTED_TYPES)
    if unknown:
        raise UntrustedModelError(f"refused: {', '.join(sorted(unknown))}")
    return skops_io.loads(content, trusted=list(TRUSTED_TYPES))
