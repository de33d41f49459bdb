"""Documents as JSON that tells dates and NaN apart from texts (MongoDB's relaxed extended JSON)."""

from bson import json_util

from .connection import Body


def as_json(document: Body) -> str:
    """The document as text; equal documents make equal texts."""
    return json_util.dumps(document, json_options=json_util.RELAXED_JSON_OPTIONS, ensure_ascii=False)
