import numpy as np
import pytest

from features.seeding.datasets import SOURCES, describe, split

SIZES = {
    "breast-cancer": (569, 30),
    "wine": (178, 13),
    "digits": (1797, 64),
    "diabetes": (442, 10),
}


def test_data_sets_have_their_published_sizes() -> None:
    described = {name: describe(name) for name in SOURCES}
    assert {name: (facts.rows, facts.features) for name, facts in described.items()} == SIZES


def test_digests_tell_the_data_sets_apart() -> None:
    digests = {describe(name).digest for name in SOURCES}
    assert len(digests) == 4
    assert {len(digest) for digest in digests} == {64}


@pytest.mark.parametrize("name", SOURCES)
def test_a_split_uses_every_row_once(name: str) -> None:
    rows = split(name, seed=1)
    parts = np.vstack([rows.x_train, rows.x_val, rows.x_test])
    assert len(parts) == SIZES[name][0]
    assert len(rows.y_train) + len(rows.y_val) + len(rows.y_test) == SIZES[name][0]


def test_another_seed_splits_otherwise() -> None:
    once, again, other = split("wine", 1), split("wine", 1), split("wine", 2)
    assert np.array_equal(once.x_test, again.x_test)
    assert not np.array_equal(once.x_test, other.x_test)
