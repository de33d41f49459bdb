"""Events as they come in, checked; and as messages carry them."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from django.utils import timezone

from features.models import EventKind
from registry.documents.condition_text import parsed_moment
from registry.exceptions import BadInputError
from registry.fields import HEX_ID, new_hex_id
from registry.services.events import EventInput, event_document

MOST_CUSTOMER_ID = 32
MOST_AMOUNT = Decimal(10) ** 7
MOST_DATA = 16 * 1024
EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
CLOCKS_DIFFER = dt.timedelta(minutes=5)
KNOWN = ("event_id", "kind", "customer_id", "at", "country", "location", "amount", "data")
KINDS = tuple(EventKind.values)
WITH_CUSTOMER = (EventKind.PURCHASE, EventKind.SIGNUP)
AMOUNT = "amount"
CENT = Decimal("0.01")
COUNTRY = re.compile("[A-Z]{2}")
MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class ActivityInput:
    """What somebody did; ``location`` is longitude and latitude in degrees, ``amount`` US dollars."""

    kind: str
    at: dt.datetime
    customer_id: str = ""
    country: str = ""
    location: tuple[float, float] | None = None
    amount: Decimal = Decimal(0)
    data: Mapping[str, Any] = field(default_factory=dict)
    event_id: str = field(default_factory=new_hex_id)

    @property
    def raw(self) -> EventInput:
        """The event as MongoDB keeps it."""
        data = dict(self.data) | ({AMOUNT: float(self.amount)} if self.amount else {})
        return EventInput(
            self.kind, self.customer_id, self.at, self.location, data, self.event_id, self.country
        )

    @property
    def cents(self) -> int:
        """The amount in whole cents: sums of them are exact everywhere."""
        return int(self.amount * 100)


def events_in(bodies: Sequence[Mapping[str, Any]]) -> list[ActivityInput]:
    """Events of parsed JSON, all of them or none.

    Raises:
        BadInputError: some can't be taken; it says of each which, and why.
    """
    events, problems = [], []
    for place, body in enumerate(bodies):
        try:
            events.append(_event(body))
        except BadInputError as error:
            problems.append(f"events[{place}]: {error}")
    refuse(problems, of=len(bodies))
    return events


def refuse(problems: Sequence[str], *, of: int) -> None:
    """Say what is wrong with events, where something is.

    Raises:
        BadInputError: something is.
    """
    if problems:
        more = f" … and {len(problems) - MOST_TOLD} more." if len(problems) > MOST_TOLD else ""
        raise BadInputError(
            f"{len(problems)} of {of} events can't be taken; none was. {' '.join(problems[:MOST_TOLD])}{more}"
        )


def check(event: ActivityInput) -> None:
    """Refuse what can't be recorded.

    Raises:
        BadInputError: with the reason.
    """
    if event.kind not in KINDS:
        raise BadInputError(f"There is no kind {event.kind[:50]!r}; there are {', '.join(KINDS)}.")
    if event.kind in WITH_CUSTOMER and not event.customer_id:
        raise BadInputError(f"A {event.kind} needs a customer_id.")
    if len(event.customer_id) > MOST_CUSTOMER_ID:
        raise BadInputError(f"A customer_id has at most {MOST_CUSTOMER_ID} characters.")
    if event.country and not COUNTRY.fullmatch(event.country):
        raise BadInputError(f"{event.country[:50]!r} is no country's code of two capital letters (ISO 3166).")
    if not 0 <= event.amount < MOST_AMOUNT:
        raise BadInputError(f"An amount is 0 to {MOST_AMOUNT:,} US dollars, not {event.amount}.")
    if not EARLIEST <= event.at <= timezone.now() + CLOCKS_DIFFER:
        raise BadInputError(f"{event.at.isoformat()} is before 1970 or yet to come.")
    event_document(event.raw)
    if (size := data_size(event.data)) > MOST_DATA:
        raise BadInputError(f"data is {size:,} bytes of JSON; {MOST_DATA:,} are the most.")


def data_size(data: Mapping[str, Any]) -> int:
    """How many bytes of JSON they are.

    Raises:
        BadInputError: they are none.
    """
    try:
        return len(orjson.dumps(data))
    except TypeError as error:
        raise BadInputError(f"data must be JSON: {error}.") from error


def as_message(events: Sequence[ActivityInput], batch_id: str) -> dict[str, Any]:
    """A batch of one kind and country as its message carries it."""
    return {
        "batch_id": batch_id,
        "kind": events[0].kind,
        "country": events[0].country,
        "events": [
            {
                "id": each.event_id,
                "customer_id": each.customer_id,
                "at": each.at.isoformat(),
                "cents": each.cents,
                "location": each.location,
                "data": each.data,
            }
            for each in events
        ],
    }


def from_message(body: Mapping[str, Any]) -> list[ActivityInput]:
    """The events of a message."""
    return [
        ActivityInput(
            kind=body["kind"],
            at=dt.datetime.fromisoformat(each["at"]),
            customer_id=each["customer_id"],
            country=body["country"],
            location=tuple(each["location"]) if each["location"] else None,
            amount=Decimal(each["cents"]) / 100,
            data=each["data"],
            event_id=each["id"],
        )
        for each in body["events"]
    ]


def _event(body: Mapping[str, Any]) -> ActivityInput:
    if unknown := sorted(body.keys() - set(KNOWN)):
        raise BadInputError(f"Unknown field {unknown[0][:50]!r}; an event has {', '.join(KNOWN)}.")
    given = {name: value for name, value in body.items() if value is not None}
    for name in ("event_id", "kind", "customer_id", "at", "country"):
        if not isinstance(given.get(name, ""), str):
            raise BadInputError(f"{name} must be text.")
    if "event_id" in given and not HEX_ID.fullmatch(given["event_id"]):
        raise BadInputError("event_id must be 32 hexadecimal characters in lower case.")
    if not isinstance(given.get("data", {}), dict):
        raise BadInputError("data must be an object.")
    made = {name: given[name] for name in ("event_id", "customer_id", "country", "data") if name in given}
    event = ActivityInput(
        kind=given.get("kind", ""),
        at=parsed_moment(given["at"]) if "at" in given else timezone.now(),
        location=_location(given.get("location")),
        amount=_amount(given.get(AMOUNT, 0)),
        **made,
    )
    check(event)
    return event


def _location(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    is_pair = isinstance(value, list) and len(value) == 2  # noqa: PLR2004
    if not is_pair or not all(
        isinstance(each, (int, float)) and not isinstance(each, bool) for each in value
    ):
        raise BadInputError("location must be [longitude, latitude] in degrees.")
    return float(value[0]), float(value[1])


def _amount(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise BadInputError("amount must be a number of US dollars.")
    try:
        amount = Decimal(str(value))
        return amount.quantize(CENT) if amount < MOST_AMOUNT else amount
    except InvalidOperation as error:
        raise BadInputError(f"{str(value)[:50]!r} is no amount of US dollars.") from error
