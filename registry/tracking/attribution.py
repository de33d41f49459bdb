"""Whose changes the tracker makes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from registry.acting import acting_as

Method = TypeVar("Method", bound=Callable[..., Any])


def by_user(method: Method) -> Method:
    """Changes made by this method are, in the audit trail, those of its object's ``user``."""

    @wraps(method)
    def wrapped(self: Any, *args: Any, **named: Any) -> Any:
        with acting_as(user=self.user, channel="tracker"):
            return method(self, *args, **named)

    return cast("Method", wrapped)
