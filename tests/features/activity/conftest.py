"""Everything here needs the three stores, and rules that nobody remembers."""

from collections.abc import Iterator

import pytest

from features.activity.rules import forget_rules


@pytest.fixture(autouse=True)
def _own_stores(mongo: None, redis_keys: None) -> Iterator[None]:
    forget_rules()
    yield
    forget_rules()
