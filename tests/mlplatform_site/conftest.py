from collections.abc import Iterator

import pytest

from tests.private_stack import PrivateStack


@pytest.fixture(scope="session")
def private_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateStack]:
    """Running and initialised; whoever stops it starts it again."""
    stack = PrivateStack(tmp_path_factory.mktemp("private") / "stack")
    stack.start()
    try:
        assert stack.manage("init_stores").returncode == 0
        yield stack
    finally:
        assert stack.manage("stack", "reset", "--yes").returncode == 0
