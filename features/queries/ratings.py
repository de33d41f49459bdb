"""Ratings as a model learns from them."""

import numpy as np

from features.models import Film, Rating, Viewer
from features.recommending.maths.interactions import Interactions, Ints


def all_interactions() -> Interactions:
    """Every rating, each viewer's in order of time, then of the film (three statements).

    Viewers rate many films in the same second; the film decides then, which says nothing about taste.
    """
    viewers = dict(Viewer.objects.order_by("pk").values_list("pk", "viewer_id"))
    films = dict(Film.objects.order_by("film_id").values_list("pk", "film_id"))
    rows = Rating.objects.order_by("viewer_id", "rated_at", "film_id")
    table = np.array(list(rows.values_list("viewer_id", "film_id", "stars")), dtype=np.int64).reshape(-1, 3)
    return Interactions(
        tuple(viewers.values()),
        tuple(films.values()),
        _numbers(table[:, 0], list(viewers)),
        _numbers(table[:, 1], list(films)),
        table[:, 2],
    )


def _numbers(keys: Ints, order: list[int]) -> Ints:
    """From primary keys to places in the order."""
    place: Ints = np.zeros(max(order, default=0) + 1, dtype=np.int64)
    place[order] = np.arange(len(order))
    found: Ints = place[keys]
    return found
