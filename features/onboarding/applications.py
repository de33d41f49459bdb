"""What is said of somebody who becomes a customer, checked before anything is written."""

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from features.event_times import checked_event_at
from features.gazetteer import country_codes, folded
from registry.exceptions import BadInputError

CUSTOMER_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}")
MOST = {"name": 200, "city": 200, "street": 200, "postal_code": 20}
LONGEST_EMAIL = 254
LATEST = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Somebody who becomes a customer.

    Attributes:
        country: an ISO 3166 code or an English name; once checked, the code.
        customer_id: the source's own id; empty for one of ours.
        joined_at: None for now.
        is_synthetic: name, email and address are made up, for want of a source.
    """

    name: str
    email: str
    city: str
    country: str
    street: str = ""
    postal_code: str = ""
    customer_id: str = ""
    joined_at: dt.datetime | None = None
    is_synthetic: bool = False


def checked(application: Application) -> Application:
    """The application as it is kept: trimmed, the email in lower case, the country as its code.

    Raises:
        BadInputError: a field is missing, too long or none of its kind; the message says which.
    """
    now = dt.datetime.now(dt.UTC)
    joined_at = checked_event_at(application.joined_at or now, whose="joined_at", now=now, what="the time")
    texts: dict[str, Any] = {field: _text(field, getattr(application, field)) for field in MOST}
    if not any(map(str.isalpha, texts["name"])):
        raise BadInputError("The name has no letter. Say who the customer is.")
    if not texts["city"]:
        raise BadInputError("The city is missing. Say where the customer lives.")
    return replace(
        application,
        **texts,
        email=_email(application.email),
        country=_country(application.country),
        customer_id=_customer_id(application.customer_id),
        joined_at=joined_at,
    )


def _text(field: str, value: str) -> str:
    text = " ".join(value.split())
    if len(text) > MOST[field]:
        raise BadInputError(f"The {field} has {len(text)} characters; at most {MOST[field]} are kept.")
    if not text.isprintable():
        raise BadInputError(f"The {field} holds characters that can't be printed. Remove them.")
    return text


def _email(given: str) -> str:
    email = given.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise BadInputError(f"{given[:100]!r} is no email address.") from None
    if len(email) > LONGEST_EMAIL:
        raise BadInputError(f"The email has {len(email)} characters; at most {LONGEST_EMAIL} are kept.")
    return email


def _country(given: str) -> str:
    code = country_codes().get(folded(given))
    if code is None:
        raise BadInputError(f"There is no country {given[:50]!r}. Give its ISO 3166 code, such as FR.")
    return code


def _customer_id(given: str) -> str:
    if given and not CUSTOMER_ID.fullmatch(given):
        raise BadInputError(
            f"The customer id {given[:50]!r} must have 1 to 32 letters, digits, dots, hyphens or underscores."
        )
    return given
