"""Reading the environment: typed, loud on a bad or missing value."""

import os
import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from mlplatform_site.stack import endpoints

BASE_DIR = Path(__file__).resolve().parents[2]
MODES = ("development", "production")
env = environ.Env()


def mode() -> str:
    """Where the site runs: ``development`` (loopback, embedded stores) or ``production``."""
    name: str = env.str("MLPLATFORM_ENV", default="development")
    if name not in MODES:
        msg = f"MLPLATFORM_ENV is {name!r}; it must be one of {', '.join(MODES)}."
        raise ImproperlyConfigured(msg)
    return name


IS_PRODUCTION = mode() == "production"


def store_url(name: str) -> str:
    """The URL of a store: the environment first, then the embedded stack's record.

    Empty in development where neither knows it: commands that need no store still run,
    and the system check ``mlplatform.E001`` says what to do.
    """
    url = os.environ.get(name, "")
    if IS_PRODUCTION and not url:
        msg = f"{name} is not set. Production settings need a URL for each store."
        raise ImproperlyConfigured(msg)
    return url or endpoints.recorded_urls().get(name, "")


def secret_key() -> str:
    """Django's secret: from the environment, else (in development) the stack's own, else random."""
    key: str = env.str("SECRET_KEY", default="")
    if key:
        return key
    if IS_PRODUCTION:
        command = "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        msg = f"SECRET_KEY is not set. Make one with: {command}"
        raise ImproperlyConfigured(msg)
    return endpoints.recorded_secret("SECRET_KEY") or secrets.token_urlsafe(50)


def positive_int(name: str, default: int) -> int:
    """A whole number above zero."""
    return _whole_number(name, default, least=1, words="above 0")


def not_negative_int(name: str, default: int) -> int:
    """A whole number, or zero."""
    return _whole_number(name, default, least=0, words="from 0")


def _whole_number(name: str, default: int, *, least: int, words: str) -> int:
    try:
        value: int = env.int(name, default=default)
    except ValueError as error:
        msg = f"{name} must be a whole number {words}, not {os.environ[name]!r}."
        raise ImproperlyConfigured(msg) from error
    if value < least:
        msg = f"{name} must be a whole number {words}, not {value}."
        raise ImproperlyConfigured(msg)
    return value


def one_of(name: str, choices: tuple[str, ...]) -> str:
    """One of these words; the first where it is not set."""
    word: str = env.str(name, default=choices[0])
    if word not in choices:
        msg = f"{name} is {word!r}; it must be one of {', '.join(choices)}."
        raise ImproperlyConfigured(msg)
    return word


def directions(name: str, default: str) -> dict[str, str]:
    """Names with ``higher`` or ``lower`` each, as in ``accuracy=higher,loss=lower``."""
    text: str = env.str(name, default="") or default
    pairs = [tuple(part.strip() for part in each.split("=")) for each in text.split(",")]
    found = {pair[0]: pair[-1] for pair in pairs}
    if any(len(pair) != 2 or not pair[0] or ":" in pair[0] for pair in pairs) or (  # noqa: PLR2004 (a pair)
        set(found.values()) - {"higher", "lower"}
    ):
        msg = f"{name} must look like accuracy=higher,loss=lower (names without a colon), not {text!r}."
        raise ImproperlyConfigured(msg)
    return found
