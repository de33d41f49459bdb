"""Ids of declared runs. Plain Python, no Django."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def declared_run_id(name: str, config: Mapping[str, Any]) -> str:
    """32 hex characters of the SHA-256 over both: the same whenever the same training is declared."""
    return hashlib.sha256(json.dumps([name, config], sort_keys=True).encode()).hexdigest()[:32]
