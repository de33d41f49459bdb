"""Model fields shared by the packages."""

import re
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

HEX_ID = re.compile(r"[0-9a-f]{32}")


def new_hex_id() -> str:
    """A fresh public identifier: 32 hexadecimal characters (a random UUID)."""
    return uuid.uuid4().hex


class HexIdField(models.UUIDField):  # type: ignore[type-arg]
    """A public identifier: 32 hexadecimal characters in Python, a 16-byte ``uuid`` in PostgreSQL."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", new_hex_id)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: uuid.UUID | None, *_: object) -> str | None:
        """PostgreSQL's value as 32 hexadecimal characters."""
        return None if value is None else value.hex

    def to_python(self, value: object) -> Any:
        """Any spelling of a UUID as 32 hexadecimal characters.

        Raises:
            ValidationError: when the value is none.
        """
        if value is None or isinstance(value, uuid.UUID):
            return value.hex if value else None
        text = str(value).replace("-", "").lower()
        if not HEX_ID.fullmatch(text):
            raise ValidationError(
                "“%(value)s” is not an id of 32 hexadecimal characters.",
                code="invalid",
                params={"value": value},
            )
        return text

    def get_db_prep_value(self, value: object, *_: object, **__: object) -> Any:
        """The value as the driver takes it."""
        text = self.to_python(value)
        return None if text is None else uuid.UUID(text)
