"""Addresses of PostgreSQL: what libpq makes of one, and the same without anything secret.

libpq alone reads an address: where another reader would end the password earlier, or later, the rest of it
would be told.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import psycopg2
from psycopg2.extensions import parse_dsn

from .values import UnreadableError

CURE = "Write %XX for what is neither a letter nor a digit in the user's name and the password."
IN_QUERY = ("hostaddr", "options")


def parameters_of(url: str) -> dict[str, str]:
    """What to connect by.

    Args:
        url: as SQLAlchemy has it, such as ``postgresql+psycopg2://user:password@host/mlflow``.

    Raises:
        UnreadableError: it is none; told in our words, since libpq's hold the password.
    """
    scheme, _, rest = url.partition("://")
    try:
        found: dict[str, str] = parse_dsn(f"{scheme.partition('+')[0]}://{rest}")
    except (psycopg2.Error, UnicodeError):
        raise UnreadableError("This is no address of a PostgreSQL database.", CURE) from None
    port = found.get("port", "").replace(",", "")
    if "@" in found.get("host", "") or (port and not port.isdigit()):
        raise UnreadableError("The address has no host that can be told from the password.", CURE)
    return found


def place_of(connected: Mapping[str, str]) -> str:
    """What tells this store from others, without a password.

    Args:
        connected: of the connection, with what came from the environment and a service file.
    """
    user, host, port, name = (
        quote(connected.get(each, ""), safe=",.-") for each in ("user", "host", "port", "dbname")
    )
    asked = {each: connected[each] for each in IN_QUERY if connected.get(each)}
    query = f"?{urlencode(asked, quote_via=quote)}" if asked else ""
    return f"postgresql://{user}@{host}:{port}/{name}{query}"
