"""What is wrong with a filter, and where."""

import re

from registry.exceptions import BadInputError

BEFORE, AFTER = 40, 30


class FilterError(BadInputError):
    """A filter or an order can't be used; the message points at the place."""

    def __init__(self, why: str, text: str, at: int) -> None:
        """Say why, with a caret under the place.

        Args:
            at: how many characters stand before the place.
        """
        start = max(0, at - BEFORE)
        dots = "…" if start else ""
        shown = re.sub(r"\s", " ", text[start : at + AFTER])
        more = "…" if at + AFTER < len(text) else ""
        place = " " * (len(dots) + at - start)
        super().__init__(f"{why}\n  {dots}{shown}{more}\n  {place}^ (character {at + 1})")
        self.at = at
