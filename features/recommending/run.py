"""The declared run, and the settings that it chooses among. Plain Python, no Django."""

from dataclasses import asdict
from typing import Any

from features.seeding.run_ids import declared_run_id

from .maths.item_item import Settings

NAME = "film-recommendations"
DATASET = "movielens-100k"
VIEW = "viewer_recommendations"
MODEL_PATH = "model/item-item.npz"
COUNT = 10
CANDIDATES = tuple(
    Settings(neighbours=neighbours, half_life=half_life)
    for half_life in (5.0, 10.0, 30.0)
    for neighbours in (20, 40)
)
CONFIG: dict[str, Any] = {
    "likeness": "cosine of who rated, shrunk",
    "chosen_by": "NDCG@10 of each viewer's last rating but one",
    "evaluated_on": "each viewer's last rating, ranked against all films they had not rated",
    "candidates": [asdict(each) for each in CANDIDATES],
    "recommended": COUNT,
}
RUN_ID = declared_run_id(NAME, CONFIG)
