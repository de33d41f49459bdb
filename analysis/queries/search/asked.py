"""What somebody typed, as the parts of a search need it."""

import re
from dataclasses import dataclass
from functools import cached_property

from registry.filters import as_pattern

LONGEST = 200
LEAST_ID, WHOLE_ID = 4, 32
LETTER, TRIGRAM = re.compile(r"[^\W_]"), re.compile(r"[^\W_]{3}")
HEX = re.compile(r"[0-9a-f]{1,32}")
PAIR = re.compile(r"\s*([^:=\s]+)\s*[:=]\s*(.+)")


@dataclass(frozen=True)
class Asked:
    """The text without its edges; patterns have their wildcards escaped."""

    text: str

    @property
    def is_short(self) -> bool:
        """Whether the index of names can find its beginnings only: three letters in a row make a trigram."""
        return TRIGRAM.search(self.text) is None

    @property
    def has_letters(self) -> bool:
        """Whether the index of names can find it at all."""
        return LETTER.search(self.text) is not None

    @cached_property
    def anywhere(self) -> str:
        """A pattern for ``LIKE`` and ``ILIKE``."""
        return f"%{self._escaped}%"

    @cached_property
    def beginning(self) -> str:
        """The same for what begins so."""
        return f"{self._escaped}%"

    @cached_property
    def hex_id(self) -> str:
        """What may be the beginning of an id, dashes left out; empty where it can't be one."""
        return id_beginning(self.text.lower().removeprefix("m-"))

    @property
    def id_range(self) -> tuple[str, str]:
        """The least and the greatest id that begins so."""
        return ids_beginning(self.hex_id)

    @cached_property
    def pair(self) -> tuple[str, str]:
        """Key and value of ``key: value`` or ``key=value``, quotes left out; both empty for neither."""
        found = PAIR.fullmatch(self.text)
        return (found[1], found[2].strip(" '\"")) if found else ("", "")

    @cached_property
    def _escaped(self) -> str:
        return as_pattern(self.text)


def id_beginning(text: str) -> str:
    """What may be the beginning of an id, dashes left out; empty where it can't be one."""
    digits = text.lower().replace("-", "")
    return digits if HEX.fullmatch(digits) and len(digits) >= LEAST_ID else ""


def ids_beginning(digits: str) -> tuple[str, str]:
    """The least and the greatest id that begins so: a range in the order of the unique index."""
    return digits.ljust(WHOLE_ID, "0"), digits.ljust(WHOLE_ID, "f")


def asked(text: str) -> Asked:
    """At most 200 characters of it, without what no store can hold."""
    return Asked(text.replace("\x00", "").strip()[:LONGEST].strip())
