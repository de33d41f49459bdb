import numpy as np
import pytest

from features.personalisation.maths.segments import scores, segments_of


def test_fifths_score_from_1_to_5_and_equals_score_alike() -> None:
    assert scores(np.arange(10.0)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert scores(np.array([0.0, 0, 0, 0, 0, 7, 7, 9, 9, 9])).tolist() == [1, 1, 1, 1, 1, 3, 3, 4, 4, 4]
    assert scores(np.zeros(0)).tolist() == []


@pytest.mark.parametrize(
    ("silent", "f", "m", "segment"),
    [
        (90, 5, 5, "dormant"),
        (89, 5, 5, "at_risk"),
        (45, 1, 1, "at_risk"),
        (44, 5, 5, "vip"),
        (44, 5, 4, "active"),
        (1, 4, 5, "active"),
    ],
)
def test_the_first_rule_that_holds_decides(silent: int, f: int, m: int, segment: str) -> None:
    each = segments_of(recency_days=np.array([silent]), f=np.array([f]), m=np.array([m]))
    assert each == [segment]
