"""Names that are alike, told apart."""

from collections.abc import Iterable


def told_apart(names: Iterable[str]) -> list[str]:
    """The names in their order, each once: the second of a name becomes ``name (2)``."""
    told: dict[str, None] = {}
    for each in names:
        name, number = each, 1
        while name in told:
            number += 1
            name = f"{each} ({number})"
        told[name] = None
    return list(told)
