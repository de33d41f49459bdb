import pytest

from analysis.stats.clock import clock_labels

NOON = 1_795_262_400.0  # 2026-11-21 12:00


@pytest.mark.parametrize(
    ("moments", "labels"),
    [
        ([NOON, NOON + 1_800], ["12:00", "12:30"]),
        ([NOON, NOON + 43_200], ["12:00", "22 Nov"]),
        ([NOON + 43_200, NOON + 43_200 + 86_400], ["22 Nov", "23 Nov"]),
        ([NOON, NOON + 15], ["12:00", "12:00:15"]),
        ([NOON + 0.5], ["12:00:00.50"]),
        ([NOON, NOON + 100 * 86_400], ["Nov 2026", "Mar 2027"]),
        ([], []),
    ],
)
def test_moments_are_named_by_what_tells_them_apart(moments: list[float], labels: list[str]) -> None:
    assert clock_labels(moments) == labels
