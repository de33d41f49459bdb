"""Statements that PostgreSQL parses and plans once a connection: half of the time of a short one.

Prepared by PREPARE on a direct connection; a pooler that hands a transaction to any server connection
must be told to keep them (docs/decisions/0010).
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

PARAMETER = re.compile(r"%\((\w+)\)s")


class Prepared:
    """A statement with named parameters, ``%(name)s``, of known types.

    Args:
        name: what it does, for logs; a digest of its text is added.
        types: the type of each parameter, such as ``int8`` or ``text[]``.
    """

    def __init__(self, name: str, sql: str, types: Mapping[str, str]) -> None:
        digest = hashlib.md5(sql.encode(), usedforsecurity=False).hexdigest()[:12]
        self.name = f"{name}_{digest}"
        used = list(dict.fromkeys(PARAMETER.findall(sql)))
        places = {parameter: f"${place}" for place, parameter in enumerate(used, start=1)}
        text = PARAMETER.sub(lambda found: places[found[1]], sql).replace("%%", "%")
        self._prepare = f"PREPARE {self.name} ({', '.join(types[each] for each in used)}) AS {text}"
        self._execute = f"EXECUTE {self.name} ({', '.join(f'%({each})s' for each in used)})"

    def execute(self, cursor: Any, values: Mapping[str, Any]) -> None:
        """Run it on a cursor of Django's; one more statement on a connection that has not met it."""
        known: set[str] = cursor.connection.prepared
        if self.name not in known:
            with cursor.db.wrap_database_errors:
                cursor.cursor.execute(self._prepare)  # no wrappers: it belongs to the connection
            known.add(self.name)
        cursor.execute(self._execute, values)


def array(items: Iterable[object]) -> str:
    """Numbers as PostgreSQL's text of an array: read much faster there than a list of constants."""
    return f"{{{','.join(map(repr, items))}}}"


def text_array(items: Iterable[str]) -> str:
    """The same for texts."""
    quoted: dict[str, str] = {}
    return (
        "{" + ",".join([quoted.get(each) or quoted.setdefault(each, _quoted(each)) for each in items]) + "}"
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
