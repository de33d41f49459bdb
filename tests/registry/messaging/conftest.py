import pytest

from registry.messaging import registering
from registry.messaging.registering import CONSUMERS, TASKS


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks and consumers of the test alone."""
    monkeypatch.setattr(registering, "_place", id)
    known = dict(TASKS), dict(CONSUMERS)
    TASKS.clear()
    CONSUMERS.clear()
    yield
    for there, before in zip((TASKS, CONSUMERS), known, strict=True):
        there.clear()
        there.update(before)
