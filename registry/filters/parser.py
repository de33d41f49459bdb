"""Text to tree."""

from functools import lru_cache
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from .comparisons import comparison
from .errors import FilterError
from .fields import field
from .subjects import Subject
from .tree import And, Node, Not, Or, Order

MAX_CHARACTERS = 20_000
MAX_COMPARISONS = 200
MAX_DEPTH = 30
EXPECTED = {
    "FIELD": "a field such as metrics.accuracy",
    "OPERATOR": "an operator such as = or LIKE",
    "NUMBER": "a number",
    "STRING": "a quoted text",
    "_AND": "AND",
    "_OR": "OR",
    "RPAR": "a closing parenthesis",
    "LPAR": "an opening parenthesis",
    "COMMA": "a comma",
    "_NULL": "NULL",
    "DIRECTION": "ASC or DESC",
}
GRAMMAR = Lark.open("grammar.lark", rel_to=__file__, parser="lalr", start=["filter", "order"])


@lru_cache(maxsize=1_024)
def parse_filter(text: str, subject: Subject) -> Node | None:
    """What a filter says about a subject; None when it says nothing.

    Raises:
        FilterError: it can't be read, or the subject has no such field or operator.
    """
    tree = _tree(text, "filter")
    if tree.children[0] is None:
        return None
    builder = _Builder(text, subject)
    return builder.node(tree.children[0], 0)


@lru_cache(maxsize=1_024)
def parse_order(text: str, subject: Subject) -> Order:
    """One field to sort by, such as ``metrics.accuracy DESC``.

    Raises:
        FilterError: it can't be read, or the subject has no such field.
    """
    token, direction = _tree(text, "order").children
    return Order(field(token, text, subject), str(direction or "asc").lower() == "desc")


class _Builder:
    def __init__(self, text: str, subject: Subject) -> None:
        self._text, self._subject, self._comparisons = text, subject, 0

    def node(self, tree: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise FilterError(f"The filter is nested more than {MAX_DEPTH} deep.", self._text, 0)
        if tree.data in ("either", "both"):
            parts = tuple(self.node(each, depth + 1) for each in tree.children)
            return Or(parts) if tree.data == "either" else And(parts)
        if tree.data == "negation":
            return Not(self.node(tree.children[0], depth + 1))
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            at = tree.children[0].start_pos or 0
            raise FilterError(f"A filter has at most {MAX_COMPARISONS} comparisons.", self._text, at)
        return comparison(tree, self._text, self._subject)


def _tree(text: str, start: str) -> Any:
    if len(text) > MAX_CHARACTERS:
        raise FilterError(f"A filter has at most {MAX_CHARACTERS:,} characters.", text, MAX_CHARACTERS)
    for at, character in enumerate(text):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            raise FilterError("This character can't be stored, so nothing has it.", text, at)
    try:
        return GRAMMAR.parse(text, start=start)
    except UnexpectedInput as error:
        raise _told(error, text) from None


def _told(error: UnexpectedInput, text: str) -> FilterError:
    if isinstance(error, UnexpectedToken):
        names = set(error.accepts or error.expected)
        is_end = error.token.type == "$END"
        at = len(text.rstrip()) if is_end else error.token.start_pos or 0
        found = "the end" if is_end else f"{str(error.token)[:40]!r}"
        return FilterError(f"Expected {_any_of(names)}, found {found}.", text, at)
    at = len(text) if isinstance(error, UnexpectedEOF) else error.pos_in_stream or 0
    if text[at : at + 1] in ("'", '"', "`"):
        return FilterError("This quote is not closed, or no quoted text fits here.", text, at)
    names = error.allowed if isinstance(error, UnexpectedCharacters) else set()
    return FilterError(f"Expected {_any_of(names or set())}.", text, at)


def _any_of(names: Any) -> str:
    words = [EXPECTED[name] for name in EXPECTED if name in names]
    return " or ".join(words) or "something else"
