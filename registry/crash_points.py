"""Named points at which a test may kill the process: ``MLPLATFORM_CRASH_AT=name:n`` dies at the n-th pass.

Without the variable a point costs one comparison. The chaos suite walks every name.
"""

import os
import signal
import time
from collections import Counter

VARIABLE = "MLPLATFORM_CRASH_AT"
CRASH_POINTS = (
    "write.before_commit",
    "write.after_commit",
    "deliver.after_mongodb",
    "deliver.after_redis",
    "deliver.after_confirm",
    "relay.after_claim",
    "relay.after_apply",
    "relay.after_confirm",
    "artifact.after_stage",
    "artifact.after_keep",
    "saga.after_begin",
    "saga.before_step",
    "saga.after_step",
    "saga.before_compensation",
    "saga.after_compensation",
    "saga.before_end",
)

_wanted, _, _nth = os.environ.get(VARIABLE, "").partition(":")
_passes: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """Die here, by SIGKILL, where the environment says so."""
    if name != _wanted:
        return
    _passes[name] += 1
    if _passes[name] == int(_nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)  # the signal is on its way; nothing after it may run
