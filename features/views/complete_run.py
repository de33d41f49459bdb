"""A run from every store, for the API."""

import dataclasses
from typing import Any

from django.http import HttpRequest, JsonResponse

from features.services.model_info import CompleteModelInfo, Freshness, get_complete_model_info
from registry.api.answers import details_json, run_json
from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.documents.plain import as_json
from registry.enums import TokenScope
from registry.queries.permissions import run_for


@endpoint(TokenScope.READ)
def read(_request: HttpRequest, caller: Caller, run_id: str) -> JsonResponse:
    """One run, each part with its freshness; a store that is away is told in its part."""
    run = run_for(caller.user, run_id)
    info = get_complete_model_info(run_id=run_id)
    body = {"run": run_json(run) | details_json(info.run), "stores": _stores(info)}
    return JsonResponse(body, headers={"ETag": f'"{run.version}"'})


def _stores(info: CompleteModelInfo) -> dict[str, Any]:
    place = dataclasses.asdict(info.place) if info.place else None
    return {
        "postgresql": _told(info.record),
        "mongodb": {**_told(info.body_freshness), "body": as_json(info.body)},
        "redis": {
            **_told(info.place_freshness),
            "place": as_json(place),
            "board_size": info.board_size,
            "places": as_json(_ranks(info)),
        },
    }


def _ranks(info: CompleteModelInfo) -> dict[str, Any]:
    return {
        metric: {"rank": place.rank, "score": place.score, "board_size": size}
        for metric, (place, size) in info.places.items()
    }


def _told(freshness: Freshness) -> dict[str, Any]:
    told = dataclasses.asdict(freshness)
    return told if freshness.problem else {key: value for key, value in told.items() if key != "problem"}
