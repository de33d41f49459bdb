"""What a prediction reads from the store, in one round trip."""

import json
from collections.abc import Sequence
from typing import Any

from features import keys

from .connection import store
from .deployments import LiveDeployment, field_of
from .errors import told_plainly


def deployment_and_rows(
    place: tuple[str, str] | None, rows: Sequence[str]
) -> tuple[LiveDeployment | None, list[bytes | None]]:
    """Which version is live in a place (model, environment), and packed feature rows by their keys.

    One round trip; None for the deployment where none was asked for or Redis knows of none.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    with told_plainly():
        if place is None:
            values: Any = store().mget(rows)
            return None, list(values)
        with store().pipeline(transaction=False) as pipe:
            pipe.hget(keys.deployments(), field_of(*place))
            pipe.mget(rows)
            live, values = pipe.execute()
    return (LiveDeployment(**json.loads(live)) if live else None), list(values)
