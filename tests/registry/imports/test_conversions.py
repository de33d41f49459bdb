import datetime as dt

import pytest

from registry.exceptions import BadInputError
from registry.imports.conversions import time_in


@pytest.mark.parametrize("written", ["2024", "202401", " 20240131 ", "20240131093000", 20240131])
def test_a_number_that_may_be_a_date_is_read_only_where_the_form_is_said(written: str | int) -> None:
    with pytest.raises(BadInputError, match="may be a date or a number of seconds"):
        time_in(written)
    assert time_in(written, "unix_milliseconds").year >= 1970


def test_a_compact_date_is_read_by_its_form() -> None:
    assert (
        time_in("20240131", "iso") == time_in("20240131", "%Y%m%d") == dt.datetime(2024, 1, 31, tzinfo=dt.UTC)
    )
