"""One change of each of the chosen rows, and what is said of it."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest

from registry.exceptions import RegistryError

MOST_REASONS = 5
Thing = TypeVar("Thing")


def change_each(
    model_admin: Any,
    request: HttpRequest,
    things: Iterable[Thing],
    change: Callable[[Thing], object],
    *,
    done: str,
) -> None:
    """Change each by a service, which writes the audit entry; say how many, and why others were refused.

    Each is a change of its own: what stands in the way of one leaves the others changed.
    """
    changed, refused = 0, Counter[str]()
    for thing in things:
        try:
            change(thing)
            changed += 1
        except RegistryError as error:
            refused[str(error)] += 1
    level = messages.SUCCESS if changed else messages.WARNING
    model_admin.message_user(request, f"{_counted(model_admin, changed)} {done}.", level)
    for reason, times in refused.most_common(MOST_REASONS):
        also = f" ({times} times)" if times > 1 else ""
        model_admin.message_user(request, f"{reason}{also}", messages.ERROR)
    if len(refused) > MOST_REASONS:
        rest = len(refused) - MOST_REASONS
        model_admin.message_user(
            request, f"{rest} more were refused. Choose fewer to see why.", messages.ERROR
        )


def _counted(model_admin: Any, count: int) -> str:
    opts = model_admin.opts
    return f"{count} {opts.verbose_name if count == 1 else opts.verbose_name_plural}"
