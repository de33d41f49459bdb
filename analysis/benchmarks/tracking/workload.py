"""What is logged and searched: values that follow from a run's number, so that every answer is known.

The same formulas stand here in Python, for what is expected, and in SQL, for filling (``filling.py``).
"""

from dataclasses import dataclass

METRICS = ("accuracy", "loss", "f1", "precision", "recall", "auc", "mae", "rmse", "r2", "log_loss")
PARAMS = (
    *("optimizer", "layers", "batch_size", "dropout", "activation"),
    *("epochs", "scheduler", "seed", "weight_decay", "data.path"),
)
OPTIMIZERS = ("adam", "sgd", "rmsprop", "adamw")
MODULUS = 100_003
START_MS = 1_760_000_000_000
STEP_MS = 1_000
SIZES = (1_000, 5_000, 20_000)
GREAT_SIZE = 200_000
SEARCH_PAGE = 100
WALK_PAGE = 1_000


def metric_value(number: int, key: str) -> float:
    """The latest value of a metric of the run with this number, from 0 to below 1."""
    return (number * (7_919 + 104_729 * METRICS.index(key))) % MODULUS / MODULUS


def param_value(number: int, key: str) -> str:
    """The value of a param of the run with this number."""
    if key == "optimizer":
        return OPTIMIZERS[number % len(OPTIMIZERS)]
    return str(number % 7) if key == "layers" else f"{key} of every run"


def run_name(number: int) -> str:
    """The name of the run with this number."""
    return f"run-{number:06}"


@dataclass(frozen=True)
class Search:
    """One search: its filter and order in MLflow's grammar, and the same in Python."""

    metric: str
    above: bool
    threshold: float
    param: str
    value: str
    equal: bool
    order: str  # "" for the default, newest first

    @property
    def filter_string(self) -> str:
        """The filter."""
        compare, same = (">" if self.above else "<"), ("=" if self.equal else "!=")
        return (
            f"metrics.{self.metric} {compare} {self.threshold} and params.{self.param} {same} '{self.value}'"
        )

    @property
    def order_by(self) -> list[str]:
        """The order."""
        return [self.order] if self.order else []

    def expected(self, size: int) -> list[str]:
        """The names of the first page among the runs 1 to ``size``."""
        found = [number for number in range(size, 0, -1) if self._holds(number)]
        if self.order.startswith("attributes"):
            found.reverse()
        elif self.order:
            key, _, way = self.order.removeprefix("metrics.").partition(" ")
            found.sort(key=lambda number: metric_value(number, key), reverse=way == "DESC")
        return [run_name(number) for number in found[:SEARCH_PAGE]]

    def _holds(self, number: int) -> bool:
        value = metric_value(number, self.metric)
        is_beyond = value > self.threshold if self.above else value < self.threshold
        return is_beyond and (param_value(number, self.param) == self.value) is self.equal


def searches(count: int) -> list[Search]:
    """A mix of four shapes, wide and narrow, in a fixed order."""
    made = []
    for number in range(count):
        part = (0.5, 0.1, 0.02, 0.9, 0.3)[number // 4 % 5] + number // 20 % 5 * 0.001
        made.append(
            (
                Search("accuracy", True, round(1 - part, 6), "optimizer", "adam", True, ""),
                Search(
                    "accuracy", True, round(1 - part, 6), "optimizer", "sgd", True, "metrics.accuracy DESC"
                ),
                Search("loss", False, round(part, 6), "layers", "3", True, "metrics.loss ASC"),
                Search(
                    "f1", True, round(1 - part, 6), "optimizer", "rmsprop", False, "attributes.start_time ASC"
                ),
            )[number % 4]
        )
    return made
