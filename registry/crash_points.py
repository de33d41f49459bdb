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
    "import.before_commit",
    "import.after_commit",
    "backfill.before_commit",
    "backfill.after_commit",
    "saga.after_begin",
    "saga.before_step",
    "saga.after_step",
    "saga.before_compensation",
    "saga.after_compensation",
    "saga.before_end",
    "capture.after_slot",
    "capture.after_apply",
    "capture.after_confirm",
    "dual.between_writes",
    "dual.after_copy",
    "dual.after_mending",
    "dual.before_flip",
    "dual.after_flip",
    "capture.in_snapshot",
    "capture.before_checkpoint",
    "capture.after_piece",
    "archive.after_row",
    "archive.while_writing",
    "archive.after_rename",
    "archive.after_written",
    "archive.before_commit",
    "archive.after_taken",
    "archive.while_deleting",
    "restore.before_commit",
    "restore.while_inserting",
    "restore.after_restored",
    "hdf5.before_commit",
    "activity.before_commit",
    "activity.after_commit",
    "activity.after_mongodb",
    "activity.after_redis",
    "activity.after_alerts",
    "promise.before_commit",
    "publish.before_publish",
    "publish.after_publish",
    "work.after_count",
    "work.before_commit",
    "work.after_commit",
    "work.after_failure",
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
