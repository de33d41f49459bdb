from collections.abc import Iterator

import pytest

from tests.private_stack import PrivateStack, running_stack


@pytest.fixture(scope="session")
def private_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateStack]:
    """Running and initialised; whoever stops it starts it again."""
    with running_stack(tmp_path_factory, "private") as stack:
        yield stack
