"""Documents of the same platform, made by MongoDB itself."""

from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]
DIGITS: Body = {"$toString": "$n"}
ID: Body = {"$substrCP": [{"$concat": ["0" * 32, DIGITS]}, {"$strLenCP": DIGITS}, 32]}
FRAMEWORK: Body = {"$arrayElemAt": [["pytorch", "scikit-learn", "xgboost"], {"$mod": ["$n", 3]}]}
AT: Body = {"$dateSubtract": {"startDate": "$$NOW", "unit": "second", "amount": "$n"}}


@dataclass(frozen=True)
class Collection:
    """One collection: the document number ``n``, one to so many runs."""

    name: str
    each: int
    body: Body

    def steps(self, runs: int) -> int:
        """How many documents for so many runs."""
        return runs // self.each


def _named(text: str) -> Body:
    return {"$concat": [text, DIGITS]}


DOCUMENTS = (
    Collection("runs", 1, {
        "_id": ID, "v": 1, "experiment_id": "0", "name": _named("run-"), "status": "FINISHED",
        "framework": FRAMEWORK, "model_name": "model", "started_at": AT,
        "params": {"optimizer": {"lr": {"$divide": ["$n", 1_000_000]}}},
        "metrics": {"accuracy": {"$rand": {}}}, "tags": [{"k": "team", "v": "a"}],
    }),
    Collection("experiments", 1_000, {
        "_id": ID, "v": 1, "name": _named("experiment-"), "description": "", "tags": [], "created_at": AT,
    }),
    Collection("model_configs", 10, {
        "_id": ID, "name": _named("config-"), "framework": FRAMEWORK, "model_type": "mlp", "created_at": AT,
        "config": {"layers": [{"units": {"$mod": ["$n", 512]}}]}, "metrics": {"accuracy": {"$rand": {}}},
        "tags": ["demo"],
    }),
    Collection("customers", 10, {
        "_id": ID, "v": 1, "customer_id": DIGITS, "name": _named("customer-"), "joined_at": AT,
        "is_synthetic": True, "location": {"type": "Point", "coordinates": [0, {"$mod": ["$n", 80]}]},
    }),
    Collection("events", 1, {
        "_id": ID, "kind": "login", "at": AT, "until": AT, "count": 1,
        "events": [{"id": "$uuid", "subject": _named("user-"), "at": AT}],
    }),
)  # fmt: skip
