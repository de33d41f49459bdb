"""What programs asked of the site lately, by the counters in Redis."""

from collections import Counter
from dataclasses import dataclass

from features.online.counters import counts
from registry.exceptions import StoreUnavailableError

MINUTES = 60
APIS = {
    "platform": "Our API",
    "mlflow": "MLflow's API",
    "feast": "Feature server",
    "predict": "Predictions",
}
OUTCOMES = ("served", "refused", "throttled", "failed")


@dataclass(frozen=True, slots=True)
class ApiTraffic:
    """Requests of one API in the last hour, by outcome, and those in the last whole minute."""

    title: str
    served: int
    refused: int
    throttled: int
    failed: int
    last_minute: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """``views``: feature view and how many entities were read of it in the last hour, the most first."""

    apis: list[ApiTraffic]
    views: list[tuple[str, int]]


def traffic() -> Traffic | None:
    """The last hour, a second or so behind (one round trip); None where the counters are away."""
    try:
        minutes = counts(minutes=MINUTES)
    except StoreUnavailableError:
        return None
    total: Counter[str] = Counter()
    for each in minutes:
        total.update(each)
    last = minutes[1]
    apis = [
        ApiTraffic(
            title,
            **{outcome: total[f"requests.{api}.{outcome}"] for outcome in OUTCOMES},
            last_minute=sum(last.get(f"requests.{api}.{outcome}", 0) for outcome in OUTCOMES),
        )
        for api, title in APIS.items()
    ]
    views = {name.removeprefix("features."): n for name, n in total.items() if name.startswith("features.")}
    return Traffic(apis, sorted(views.items(), key=lambda pair: (-pair[1], pair[0])))
