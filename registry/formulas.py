"""Texts that a spreadsheet would run as formulas."""

import re

RISKY_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the last four are the wide forms of the first
PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?(e[+-]?\d+)?", re.IGNORECASE)


def guarded(text: str) -> str:
    """The text for a cell; what would be run gets a leading ``'`` (a number is not run)."""
    is_risky = text.startswith(RISKY_STARTS) and not PLAIN_NUMBER.fullmatch(text)
    return f"'{text}" if is_risky else text
