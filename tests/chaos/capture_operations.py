"""Change capture as the zygote's children do it."""

from registry.sync.capture import runner
from registry.sync.capture.consumers import CONSUMERS

DOCUMENTS = "documents"


def capture() -> int:
    """Bring what is committed to MongoDB; how many rows it was."""
    return runner.catch_up(CONSUMERS[DOCUMENTS]).rows


def reset_capture() -> bool:
    """Let go of slot and position."""
    return runner.reset(CONSUMERS[DOCUMENTS])


CAPTURE_OPERATIONS = {each.__name__: each for each in (capture, reset_capture)}
