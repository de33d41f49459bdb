"""Models in skops files: plain data of known types, never code."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from .errors import ModelRefusedError, UntrustedModelError

# All that skops does not know by itself in scikit-learn's models; each is plain data.
TRUSTED_TYPES: Sequence[str] = (
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
)
# What skops raises for a file that somebody wrote by hand.
BROKEN = (
    zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, ImportError, IndexError,
    RecursionError,
)  # fmt: skip


def read_skops(content: bytes, *, trusted: Sequence[str] = ()) -> Any:
    """The fitted model of a skops file.

    Args:
        trusted: types that the operator trusts, beside ``TRUSTED_TYPES``. What the file itself says of
            trust counts for nothing.

    Raises:
        UntrustedModelError: the file names a type that nobody trusts; nothing of it was made.
        ModelRefusedError: it is no skops file.
    """
    from skops import io as skops_io  # noqa: PLC0415 (brings scikit-learn: a second, for those who serve)

    allowed = {*TRUSTED_TYPES, *trusted}
    try:
        unknown = set(skops_io.get_untrusted_types(data=content)) - allowed
        if unknown:
            raise _untrusted(sorted(unknown))
        return skops_io.loads(content, trusted=sorted(allowed))
    except BROKEN as error:
        raise ModelRefusedError("The model's file is no skops file that can be read here.") from error


def _untrusted(types: Sequence[str]) -> UntrustedModelError:
    return UntrustedModelError(
        f"The model's file is refused: it holds {', '.join(types)[:500]}, which nobody here trusts."
        " An operator who knows them may name them in TRUSTED_MODEL_TYPES."
    )


def unpacked_bytes(content: bytes) -> int:
    """How large a skops file is when it is unpacked, as it says.

    Raises:
        ModelRefusedError: it is no such file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(each.file_size for each in archive.infolist())
    except zipfile.BadZipFile as error:
        raise ModelRefusedError("The model's file is no skops file.") from error
