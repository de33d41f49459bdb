"""MovieLens 100k, out of the wheel."""

from collections import Counter

import pytest

from features.recommending import movielens


def test_the_wheel_holds_all_of_it() -> None:
    given = list(movielens.ratings())
    assert (len(given), len(list(movielens.viewers())), len(list(movielens.films()))) == (100_000, 943, 1_682)
    assert Counter(each.stars for each in given)[5] == 21_201
    assert {each.viewer_id for each in given} == {each.viewer_id for each in movielens.viewers()}


def test_titles_are_as_one_says_them_and_a_year_may_be_absent() -> None:
    films = {each.film_id: each for each in movielens.films()}
    assert (films[12].title, films[12].released_in) == ("The Usual Suspects", 1995)
    assert [each.released_in for each in films.values()].count(None) >= 1


def test_without_the_wheel_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movielens, "wheel_file", lambda *_: None)
    with pytest.raises(movielens.MovieLensNotFoundError, match="recbole"):
        list(movielens.films())
