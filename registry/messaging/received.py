"""A message as a consumer gets it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Received:
    """One message of a batch; ``attempts`` counts this one too."""

    message_id: str
    name: str
    routing_key: str
    headers: dict[str, Any]
    body: Any
    attempts: int
