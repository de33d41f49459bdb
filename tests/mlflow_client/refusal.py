"""What it means that the client is refused."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from mlflow.exceptions import MlflowException


@contextmanager
def refused(code: str, message: str = "") -> Iterator[None]:
    """The block raises MlflowException with this error code; its words match the pattern."""
    with pytest.raises(MlflowException, match=message) as caught:
        yield
    assert caught.value.error_code == code, caught.value
