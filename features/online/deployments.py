"""Which version of a model answers where, for whoever serves predictions."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from features import keys

from .connection import run_for_each, store
from .errors import told_plainly

# KEYS: the hash. ARGV: field, event (the newest of the deployment's history), value. A newer one stays.
PUT = """
local found = redis.call('HGET', KEYS[1], ARGV[1])
if found and cjson.decode(found)['event'] > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""


@dataclass(frozen=True)
class LiveDeployment:
    """The version that answers for a model in an environment; ``version`` is None where none does."""

    model: str
    environment: str
    event: int
    version: int | None = None
    endpoint: str = ""


def put(deployments: Iterable[LiveDeployment]) -> None:
    """Say which versions are live (one round trip).

    Raises:
        RedisError: the store did not answer; any part may have been done.
    """
    rows = [
        (field_of(each.model, each.environment), each.event, json.dumps(asdict(each))) for each in deployments
    ]
    run_for_each(PUT, keys.deployments(), rows)


def live(model: str, environment: str) -> LiveDeployment | None:
    """Which version is live (one round trip); None where Redis knows of no deployment.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    with told_plainly():
        found = store().hget(keys.deployments(), field_of(model, environment))
    return LiveDeployment(**json.loads(found)) if found else None


def field_of(model: str, environment: str) -> str:
    """Where a deployment stands in the hash."""
    return f"{environment}|{model}"
