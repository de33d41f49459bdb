"""A stack of the chaos tests' own, shared by one file."""

from collections.abc import Iterator

import pytest

from tests.private_stack import PrivateStack, running_stack

from .zygote import Zygote


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateStack]:
    """Servers that may be killed; the URLs of the suite's own are out of the way meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "MONGODB_URL", "REDIS_CACHE_URL", "REDIS_STORE_URL"):
            patch.delenv(name, raising=False)
        with running_stack(tmp_path_factory, "chaos") as own:
            yield own


@pytest.fixture(scope="module")
def zygote(stack: PrivateStack) -> Iterator[Zygote]:
    # two busy cores: a delivery that is cut short passes no crash point
    with Zygote(stack, FAST_PATH_TIMEOUT_MS="5000") as started:
        yield started
