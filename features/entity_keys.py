"""The text that names an entity in the offline history and in Redis."""

import numbers
import re
from collections.abc import Mapping, Sequence

from registry.exceptions import BadInputError

LONGEST = 200  # characters, as the column of the offline history
SPECIAL = re.compile(r"[%|]")


def entity_key(join_keys: Sequence[str], values: Mapping[str, object]) -> str:
    """One entity's key: its join key's value as text; several are escaped and joined by ``|``.

    Args:
        join_keys: of the view's entity, in its order.
        values: join key to text or whole number; others are ignored.

    Raises:
        BadInputError: a value is missing, of another type, or too long.
    """
    texts = [_text(name, values.get(name)) for name in join_keys]
    return checked(texts[0] if len(texts) == 1 else "|".join(map(_escaped, texts)))


def entity_keys(join_keys: Sequence[str], columns: Mapping[str, Sequence[object]]) -> list[str]:
    """The keys of many entities out of columns of equal length, as :func:`entity_key`.

    Raises:
        BadInputError: a column is missing or of another length, or a value is no key.
    """
    try:
        wanted = [columns[name] for name in join_keys]
    except KeyError as error:
        raise BadInputError(f"The join key {error} is missing.") from None
    if len({len(column) for column in wanted}) > 1:
        raise BadInputError(f"The join keys {', '.join(join_keys)} have columns of different lengths.")
    if len(wanted) == 1:
        return all_checked([_text(join_keys[0], value) for value in wanted[0]])
    return [
        entity_key(join_keys, dict(zip(join_keys, row, strict=True))) for row in zip(*wanted, strict=True)
    ]


def all_checked(keys: Sequence[str]) -> list[str]:
    """Keys that every store can keep, looked at all at once where they are plain.

    Raises:
        BadInputError: one is no key, as :func:`checked` says.
    """
    try:
        together = "".join(keys)
    except TypeError:
        raise BadInputError("Entity keys are text.") from None
    is_plain = together.isascii() and "\0" not in together and all(keys)
    if is_plain and len(max(keys, key=len, default="")) <= LONGEST:
        return list(keys)
    return [checked(key) for key in keys]


def checked(key: str) -> str:
    """A key that every store can keep.

    Raises:
        BadInputError: it is empty, too long, has a NUL, or is no Unicode text.
    """
    if not 0 < len(key) <= LONGEST or "\0" in key:
        raise BadInputError(f"An entity key has 1 to {LONGEST} characters and no NUL, not {key[:40]!r}.")
    if not key.isascii():
        try:
            key.encode()
        except UnicodeEncodeError:
            raise BadInputError(f"The entity key {key[:40]!r} is no Unicode text.") from None
    return key


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, bool) and isinstance(value, numbers.Integral) and abs(int(value)) < 1 << 63:
        return str(int(value))
    raise BadInputError(f"The join key {name} takes text or a whole number of 64 bits, not {value!r:.40}.")


def _escaped(text: str) -> str:
    return SPECIAL.sub(lambda found: f"%{ord(found[0]):02X}", text)
