import numpy as np
import pytest

from features.queries.purchase_histories import (
    last_purchase_day,
    purchase_histories,
    purchases_between,
    purchases_by_day,
)
from tests.features.personalisation.scoring_world import at, three_customers

pytestmark = pytest.mark.django_db


def test_days_with_a_purchase_count_once_and_ages_end_on_the_last_day() -> None:
    three_customers()
    known = purchase_histories(as_of=at("1997-07-01"))
    assert known.frequency.tolist() == [2, 0, 0]
    assert (known.recency * 7).round().tolist() == [161, 0, 0]
    assert (known.age * 7).round().tolist() == [171, 179, 60]
    assert known.mean_spend.tolist() == [25, 0, 0]
    assert known.silent_days.tolist() == [11, 180, 61]
    assert known.spent.tolist() == [60, 15, 15]


def test_some_customers_alone_are_read_by_their_ids() -> None:
    three_customers()
    assert len(purchase_histories(as_of=at("1997-07-01"), customer_ids=["bob", "nobody"])) == 1
    assert len(purchase_histories(as_of=at("1990-01-01"))) == 0


def test_what_came_later_is_in_the_customers_order() -> None:
    three_customers()
    known = purchase_histories(as_of=at("1997-04-01"))
    days, dollars = purchases_between(known, since=at("1997-04-01"), until=at("1997-07-02"))
    assert (days.tolist(), dollars.tolist()) == ([2, 0], [119, 0])
    turned = known.chosen(np.array([False, True]))
    assert purchases_between(turned, since=at("1997-04-01"), until=at("1997-07-02"))[0].tolist() == [0]


def test_first_and_repeated_purchases_are_told_by_day() -> None:
    three_customers()
    days, first, again = purchases_by_day(until=at("1997-05-02"))
    assert [day.isoformat() for day in days] == ["1997-01-02", "1997-01-10", "1997-03-10", "1997-05-01"]
    assert (first.tolist(), again.tolist()) == ([1, 1, 0, 1], [0, 0, 1, 0])


def test_the_newest_day_is_none_before_anybody_bought() -> None:
    assert last_purchase_day() is None
    three_customers()
    assert str(last_purchase_day()) == "1997-07-01"
