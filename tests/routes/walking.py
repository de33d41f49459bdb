"""Every route of the site, found by walking the resolver."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Found:
    """A route: its name (``admin:…`` and ``api:…`` with their namespace), pattern and view."""

    name: str
    pattern: str
    view: Callable[..., Any]

    @property
    def methods(self) -> list[str] | None:
        """The methods it takes, where it says so: routes of the API do."""
        endpoints = getattr(self.view, "endpoints", None)
        return None if endpoints is None else sorted(endpoints)

    @property
    def key(self) -> str:
        """What the table calls it: its name, or the pattern of a route without one."""
        return self.name or self.pattern


def every_route() -> list[Found]:
    """All routes, in the order of the resolver."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[URLPattern | URLResolver], prefix: str, namespace: str) -> Iterator[Found]:
    for each in patterns:
        pattern = f"{prefix}{each.pattern}"
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _walk(each.url_patterns, pattern, inner)
        else:
            yield Found(f"{namespace}{each.name}" if each.name else "", pattern, each.callback)
