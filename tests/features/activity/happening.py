"""Events to test with."""

import datetime as dt
from decimal import Decimal
from typing import Any

from features.activity.shapes import ActivityInput

NOON = dt.datetime(2026, 11, 1, 12, 30, tzinfo=dt.UTC)
BERN = (7.45, 46.95)


def event(number: int = 0, kind: str = "purchase", **changed: Any) -> ActivityInput:
    """An event with an id of its own."""
    given: dict[str, Any] = {
        "at": NOON + dt.timedelta(minutes=number),
        "customer_id": "00001",
        "country": "CH",
        "location": BERN,
        "amount": Decimal("12.50") if kind == "purchase" else Decimal(0),
        "event_id": f"{kind.encode().hex()[:8]:0<8}{number:024x}",
    }
    return ActivityInput(kind=kind, **(given | changed))
