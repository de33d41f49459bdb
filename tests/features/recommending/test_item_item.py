"""The item-item model and its evaluation, on few films."""

import numpy as np
import pytest

from features.recommending import model_file
from features.recommending.maths.evaluation import (
    Ranks,
    model_ranks,
    popularity_ranks,
    random_ranks,
    ranks_of,
)
from features.recommending.maths.interactions import Interactions, leave_last_out
from features.recommending.maths.item_item import Settings, fit, recommend, scores
from registry.exceptions import ConflictError

# viewers 0 and 1 saw films 0 and 1, viewer 2 film 0 alone, viewer 3 films 2 and 3
KNOWN = Interactions(
    tuple("abcd"),
    (10, 11, 12, 13),
    np.array([0, 0, 1, 1, 2, 3, 3]),
    np.array([0, 1, 1, 0, 0, 2, 3]),
    np.array([5, 4, 3, 5, 4, 1, 5]),
)
PLAIN = Settings(shrinkage=0.0)


def test_films_are_alike_by_the_cosine_of_who_rated_them() -> None:
    likeness = fit(KNOWN, PLAIN).likeness.toarray()
    assert likeness[0, 1] == pytest.approx(2 / np.sqrt(3 * 2))
    assert likeness[2, 3] == pytest.approx(1)
    assert likeness[0, 2] == likeness[0, 0] == 0


def test_a_film_keeps_its_nearest_neighbours_alone() -> None:
    likeness = fit(KNOWN, Settings(shrinkage=0.0, neighbours=1)).likeness.toarray()
    assert ((likeness > 0).sum(axis=0) <= 1).all()


def test_a_viewer_is_recommended_what_they_do_not_know_and_told_why() -> None:
    found = recommend(fit(KNOWN, PLAIN), KNOWN, count=1)
    assert (found.films[2, 0], found.because[2, 0]) == (1, 0)
    assert found.scores[2, 0] > 0
    assert found.scores[0, 0] == 0  # nobody who saw films 0 and 1 saw another


def test_what_was_rated_low_recommends_nothing_and_what_is_old_less() -> None:
    found = scores(fit(KNOWN, PLAIN), KNOWN.chosen(np.array([0, 0, 0, 0, 0, 1, 0], dtype=bool)))
    assert found[3, 3] == 0
    assert list(KNOWN.age()) == [1, 0, 1, 0, 0, 1, 0]


def test_the_last_rating_of_each_viewer_is_held_back() -> None:
    learnt, held_out = leave_last_out(KNOWN)
    assert list(held_out.films) == [1, 0, 0, 3]
    assert list(learnt.viewers) == [0, 1, 3]
    assert KNOWN.digest != learnt.digest


def test_a_hit_counts_less_the_later_it_stands() -> None:
    ranks = Ranks(np.array([0, 1, 10, 3]))
    assert ranks.hit_rate() == 0.75
    assert ranks.ndcg() == pytest.approx((1 + 1 / np.log2(3) + 1 / np.log2(5)) / 4)


def test_of_equal_scores_half_stand_before() -> None:
    held_out = KNOWN.chosen(np.array([1, 0, 0, 0, 0, 0, 0], dtype=bool))
    assert list(ranks_of(np.zeros((4, 4)), held_out).ranks) == [1]


def test_model_and_baselines_are_asked_about_unknown_films_alone() -> None:
    learnt, held_out = leave_last_out(KNOWN)
    for ranks in (
        model_ranks(PLAIN, learnt, held_out),
        popularity_ranks(learnt, held_out),
        random_ranks(learnt, held_out),
    ):
        assert (ranks.ranks >= 0).all()
        assert (ranks.ranks < 4).all()


def test_a_model_survives_its_file() -> None:
    model = fit(KNOWN, Settings())
    read = model_file.from_bytes(model_file.to_bytes(model))
    assert (read.film_ids, read.settings) == (model.film_ids, model.settings)
    assert np.allclose(read.likeness.toarray(), model.likeness.toarray())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nothing", b"\x80\x04N."])
def test_a_file_that_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(ConflictError, match="no item-item model"):
        model_file.from_bytes(content)
