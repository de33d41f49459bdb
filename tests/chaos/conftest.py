"""A stack of the chaos tests' own, shared by one file."""

from collections.abc import Iterator

import pytest

from tests.private_stack import PrivateStack

from . import servers
from .zygote import Zygote


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateStack]:
    """Servers that may be killed; the URLs of the suite's own are out of the way meanwhile."""
    own = PrivateStack(tmp_path_factory.mktemp("chaos") / "stack")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "MONGODB_URL", "REDIS_CACHE_URL", "REDIS_STORE_URL"):
            patch.delenv(name, raising=False)
        own.start()
        yield own
        servers.end(own)


@pytest.fixture(scope="module")
def zygote(stack: PrivateStack) -> Iterator[Zygote]:
    done = stack.manage("init_stores")
    assert done.returncode == 0, done.stderr
    with Zygote(stack) as started:
        yield started
