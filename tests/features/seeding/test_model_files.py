import pytest
from sklearn.preprocessing import FunctionTransformer
from skops import io as skops_io

from features.seeding import model_files


def shout(words: object) -> object:
    return words


def test_a_file_with_a_foreign_type_is_refused() -> None:
    content = skops_io.dumps(FunctionTransformer(shout))
    with pytest.raises(model_files.UntrustedModelError, match="shout"):
        model_files.from_bytes(content)
