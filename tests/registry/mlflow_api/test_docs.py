"""docs/mlflow.md says which endpoints there are, and these are the routes."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver

from registry.mlflow_api import limits, urls
from registry.mlflow_api.unsupported import UNSUPPORTED
from registry.mlflow_api.views.server import SPEAKS

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "mlflow.md").read_text()
ROW = re.compile(r"^\| `([A-Z, ]+)` \| `(/[^`]*)` \| \S", re.MULTILINE)
UNSUPPORTED_ROW = re.compile(r"^\| `(/[^`]+)` \| ([^|]+) \|$", re.MULTILINE)


def documented_routes() -> set[tuple[str, str]]:
    """Method and address of every row."""
    return {(method, address) for methods, address in ROW.findall(TEXT) for method in methods.split(", ")}


def routes() -> set[tuple[str, str]]:
    """Method and address of every route but the last, which is for what is not there."""
    return {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", address))
        for address, pattern in _walk(urls.urlpatterns, "/")
        if pattern.name != "nowhere"
        for method in getattr(pattern.callback, "endpoints", ["GET"])
    }


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, f"{prefix}{each.pattern}")
        else:
            yield f"{prefix}{each.pattern}", each


def test_every_endpoint_is_in_the_table_and_nothing_else() -> None:
    assert sorted(documented_routes() ^ routes()) == []


def test_what_is_not_supported_is_in_a_table_of_its_own() -> None:
    assert dict(UNSUPPORTED_ROW.findall(TEXT)) == UNSUPPORTED


def test_the_page_names_the_version_and_the_limits() -> None:
    assert f"mlflow {SPEAKS}" in TEXT
    for limit in (limits.MAX_METRICS, limits.MAX_PARAMS, limits.MAX_TAGS, limits.MAX_BATCH_BYTES):
        assert f"{limit:,}" in TEXT
