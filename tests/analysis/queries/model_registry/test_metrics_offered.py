import pytest

from analysis.queries.model_registry.metrics_offered import is_higher_better, ranked
from analysis.queries.model_registry.scores import best_of


@pytest.mark.parametrize(
    ("key", "is_higher"),
    [
        ("accuracy", True), ("loss", False), ("mean_absolute_error", False),
        ("val_loss", False), ("test/rmse", False), ("latency_ms", False), ("fit_seconds", False), ("Brier", False),
        ("val_accuracy", True), ("auc", True), ("top5.recall", True), ("matthews_correlation", True),
        ("colour", None), ("glossy", None), ("errand", None), ("mapping", None),
    ],
)  # fmt: skip
def test_the_setting_or_the_name_says_which_way_is_better(
    key: str,
    is_higher: bool | None,  # noqa: FBT001 (as the table above has it)
) -> None:
    assert is_higher_better(key) is is_higher


def test_metrics_with_leaderboards_come_first() -> None:
    assert ranked({"a", "loss", "accuracy", "b", "f1"}) == ["accuracy", "f1", "loss", "a", "b"]


def test_the_best_is_the_earliest_of_equals_and_no_nan() -> None:
    nan = float("nan")
    assert best_of({3: 0.9, 1: 0.9, 2: 0.8, 4: nan}, "accuracy") == 1
    assert best_of({3: 0.9, 1: 0.9, 2: 0.8}, "loss") == 2
    assert best_of({1: 1.0}, "colour") is None
    assert best_of({1: nan}, "loss") is None
