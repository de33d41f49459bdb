"""A box that takes words of a name or a filter."""

import re

from registry.exceptions import BadInputError

from .parser import parse_filter
from .subjects import Subject
from .tree import And, Comparison, Entity, Field, Node

CONTAINS = "CONTAINS"
"""An operator of ours, which no filter says: any capitals, and no character stands for others."""
OPERATOR = re.compile(r"[<>=]|[\s`\"](i?like\s|in\s*\(|is\s+(not\s+)?null\b)", re.IGNORECASE)
MOST_WORDS = 20


def words_or_filter(text: str, subject: Subject) -> Node | None:
    """What was typed: a filter where it has an operator, else words that names hold; None for nothing.

    Raises:
        FilterError: It has an operator and can't be read.
        BadInputError: It has more than 20 words, or a character that no name has.
    """
    if "\x00" in text:
        raise BadInputError("No name has this character.")
    if OPERATOR.search(text):
        return parse_filter(text, subject)
    words = text.split()
    if len(words) > MOST_WORDS:
        raise BadInputError(f"{len(words)} words were typed; at most {MOST_WORDS} are looked for at once.")
    return And(tuple(containing("name", word) for word in words)) if words else None


def containing(attribute: str, text: str) -> Comparison:
    """That an attribute holds the text somewhere."""
    return Comparison(Field(Entity.ATTRIBUTE, attribute), CONTAINS, text)


def as_pattern(text: str) -> str:
    """The text in a pattern of ``LIKE`` that escapes by a backslash; each character stands for itself."""
    return re.sub(r"([\\%_])", r"\\\1", text)
