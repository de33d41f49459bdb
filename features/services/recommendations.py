"""What the deployed model recommends to every viewer, kept as features."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from features.definitions import VIEWER_RECOMMENDATIONS
from features.event_times import checked_event_at
from features.models import FeatureValue, FeatureView, Film
from features.offline_values import to_json
from features.predicting.loading import read_whole
from features.queries.live_deployments import live_deployment
from features.queries.offline_features import newest_offline_rows
from features.queries.ratings import all_interactions
from features.queries.served_versions import served_version
from features.queries.view_schemas import view_schema
from features.recommending import model_file
from features.recommending.maths.interactions import Interactions
from features.recommending.maths.item_item import ItemItem, Recommended, recommend
from features.recommending.run import COUNT, MODEL_PATH, NAME, VIEW
from registry.enums import Environment
from registry.exceptions import ArtifactError, ConflictError

from .definitions import apply_definitions
from .feature_history import stored_view
from .materialization import materialize

Rows = dict[str, dict[str, Any]]


def are_of_the_deployed_model() -> bool:
    """Whether the deployed version recommended what is served, or none is deployed (six statements)."""
    number = live_deployment(NAME, Environment.PRODUCTION).version
    if number is None:
        return True
    view = FeatureView.objects.filter(name=VIEW, is_active=True, materialized_until__isnull=False).first()
    newest = FeatureValue.objects.filter(view=view).order_by("-event_at").first() if view else None
    if view is None or newest is None or view.materialized_until is None:
        return False
    names = view_schema(view.name, version=view.version).names
    told = dict(zip(names, newest.values, strict=False)).get("model_version")
    return bool(told == number and newest.event_at <= view.materialized_until)


def refresh_recommendations() -> int:
    """Ask the deployed model for all viewers; what is new goes into the history and the online store.

    A second time nothing is new, whatever happened in between.

    Returns:
        How many viewers' recommendations are new.

    Raises:
        ConflictError: no version is deployed, or its model knows other films than there are.
        ArtifactError: the model's file is missing or damaged.
        StoreUnavailableError: Redis is away; the history has the values, `materialize` brings them.
    """
    number = live_deployment(NAME, Environment.PRODUCTION).version
    if number is None:
        raise ConflictError(f"No version of {NAME} is deployed. Run: manage.py seed_demo --only films")
    model, known = _model(number), all_interactions()
    if model.film_ids != known.film_ids:
        raise ConflictError(f"Version {number} of {NAME} was made of other films than there are.")
    rows = dict(_rows(known, recommend(model, known, count=COUNT), number))
    apply_definitions([VIEWER_RECOMMENDATIONS])
    return _keep(rows)


def _model(number: int) -> ItemItem:
    file = served_version(NAME, number).file(MODEL_PATH)
    if file is None:
        raise ArtifactError(f"Version {number} of {NAME} has no {MODEL_PATH}. Log the model again.")
    return model_file.from_bytes(read_whole(file))


def _rows(known: Interactions, found: Recommended, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    titles = dict(Film.objects.values_list("film_id", "title"))
    for place, viewer_id in enumerate(known.viewer_ids):
        spoken_for = found.scores[place] > 0
        ids = [known.film_ids[film] for film in found.films[place][spoken_for]]
        yield (
            viewer_id,
            {
                "film_ids": [float(each) for each in ids],
                "titles": "\n".join(titles[each] for each in ids),
                "scores": [round(float(each), 6) for each in found.scores[place][spoken_for]],
                "because_ids": [float(known.film_ids[film]) for film in found.because[place][spoken_for]],
                "model_version": number,
            },
        )


def _keep(rows: Rows) -> int:
    view = stored_view(VIEWER_RECOMMENDATIONS)
    schema = view_schema(view.name, version=view.version)
    stand = {key: list(row.values) for key, row in newest_offline_rows(schema, list(rows)).items()}
    changed = {key: values for key, values in rows.items() if list(values.values()) != stand.get(key)}
    now = timezone.now()
    event_at = checked_event_at(now, whose=view.name, now=now)
    FeatureValue.objects.bulk_create(
        [
            FeatureValue(view=view, entity_key=key, event_at=event_at, values=to_json(values))
            for key, values in changed.items()
        ],
        ignore_conflicts=True,
    )
    for _ in materialize(view=view):
        pass
    return len(changed)
