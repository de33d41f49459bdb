"""Which runs the configs in ``model_configs`` belong to."""

from collections.abc import Sequence

from .config_store import NAME
from .connection import collection
from .store import patiently, told_plainly

__all__ = ["NAME", "configs_of", "delete_config_of", "run_ids"]
SECONDS = 60.0
INDEX = "model_date"


def run_ids() -> list[str]:
    """The runs that configs belong to (by the index alone).

    Raises:
        StoreUnavailableError: MongoDB does not answer.
    """
    with patiently(SECONDS):
        rows = collection(NAME).aggregate([{"$group": {"_id": "$run_id"}}], hint=INDEX)
        return sorted(row["_id"] for row in rows if row["_id"] is not None)


def configs_of(runs: Sequence[str]) -> list[tuple[str, str]]:
    """The ids of these runs' configs, each with its run."""
    if not runs:
        return []
    with patiently(SECONDS):
        found = collection(NAME).find({"run_id": {"$in": list(runs)}}, {"run_id": 1})
        return [(row["_id"], row["run_id"]) for row in found]


def delete_config_of(config_id: str, run_id: str) -> bool:
    """Delete a config while it belongs to this run."""
    with told_plainly():
        return bool(collection(NAME).delete_one({"_id": config_id, "run_id": run_id}).deleted_count)
