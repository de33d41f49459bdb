from datetime import UTC, datetime
from decimal import Decimal

import pytest

from features.seeding import cdnow


def test_cdnow_has_its_published_counts() -> None:
    transactions = list(cdnow.transactions())
    assert len(transactions) == 69_659
    assert len({transaction.customer_id for transaction in transactions}) == 23_570
    assert sum(transaction.amount for transaction in transactions) == Decimal("2500315.63")


def test_cdnow_runs_from_january_1997_to_june_1998() -> None:
    days = [transaction.purchased_at for transaction in cdnow.transactions()]
    assert min(days) == datetime(1997, 1, 1, tzinfo=UTC)
    assert max(days) == datetime(1998, 6, 30, tzinfo=UTC)


def test_the_first_transaction_is_read_field_by_field() -> None:
    assert next(cdnow.transactions()) == cdnow.Transaction(
        "00001", datetime(1997, 1, 1, tzinfo=UTC), 1, Decimal("11.77")
    )


def test_a_missing_wheel_is_said_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [])
    monkeypatch.setattr("sys.path_importer_cache", {})
    with pytest.raises(cdnow.CdnowNotFoundError, match=r"pip install -r requirements\.txt"):
        next(cdnow.transactions())
