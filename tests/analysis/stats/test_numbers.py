# ruff: noqa: RUF001 (en dashes and minus signs are the subject)
import math
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.numbers import (
    axis_label,
    digits_telling,
    dollars,
    human_bytes,
    human_count,
    human_duration,
    human_number,
    percent,
    signed_percent,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.97368, "0.9737"),
        (0.5, "0.5"),
        (0.99996, "1"),
        (1e-5, "1e-05"),
        (0.00012, "0.00012"),
        (-0.25, "−0.25"),
        (1_248.0, "1,248"),
        (1_229.9, "1,230"),
        (12_345.6, "12,346"),
        (3.2e12, "3.2e+12"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_a_number_reads(value: float | None, shown: str) -> None:
    assert human_number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0, "0"), (950, "950"), (1_000, "1k"), (12_449, "12.4k"), (999_960, "1M"), (-2_000, "−2k")],
)
def test_a_count_reads(value: int | None, shown: str) -> None:
    assert human_count(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (999.6, "1 kB"),
        (14_200_000, "14.2 MB"),
        (999_960, "1 MB"),
        (2e18, "2,000 PB"),
    ],
)
def test_a_size_reads(value: float | None, shown: str) -> None:
    assert human_bytes(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "–"),
        (math.nan, "–"),
        (0, "0 s"),
        (0.00035, "350 µs"),
        (0.00099999, "1 ms"),
        (0.0004, "400 µs"),
        (0.99999, "1 s"),
        (1.25, "1.25 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3_600, "1 h"),
        (11_520, "3 h 12 min"),
        (187_200, "2 d 4 h"),
        (-90, "−1 min 30 s"),
    ],
)
def test_a_duration_reads(seconds: float | None, shown: str) -> None:
    assert human_duration(seconds) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.25, "0.25"), (12_500, "12.5k"), (-20_000, "−20k"), (9_000, "9,000"), (1e-6, "1e-06"), (2e9, "2e+09")],
)
def test_an_axis_label_is_short(value: float, shown: str) -> None:
    assert axis_label(value) == shown


@pytest.mark.parametrize(
    ("value", "apart", "digits"),
    [
        (0.5, 1e-3, 4),
        (0.69314, 1e-8, 8),
        (1_000_001, 0.1, 8),
        (0, 1, 4),
        (1, 0, 4),
        (math.nan, 1, 4),
        (1, 1e-300, 15),
    ],
)
def test_digits_tell_a_value_from_one_beside_it(value: float, apart: float, digits: int) -> None:
    assert digits_telling(value, apart=apart) == digits


@given(st.floats(0, 1e18))
def test_a_size_never_shows_a_thousand_of_a_smaller_unit(size: float) -> None:
    figure = float(human_bytes(size).split()[0].replace(",", ""))
    assert figure < 1_000 or human_bytes(size).endswith("PB")


@given(st.floats(0, 1e7))
def test_a_duration_is_one_or_two_plain_figures(seconds: float) -> None:
    assert re.fullmatch(r"[\d.,e-]+ (µs|ms|s|min|h|d)( \d+ (s|min|h))?", human_duration(seconds))


@given(st.floats(-1e8, 1e8, allow_nan=False))
def test_a_number_reads_back_to_four_digits(value: float) -> None:
    shown = float(human_number(value).replace("−", "-").replace(",", ""))
    assert shown == pytest.approx(value, rel=6e-4)


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0126, "+1.3 %"), (-0.4, "−40 %"), (1.824, "+182 %"), (0.995, "+100 %"), (0.0, "0 %")],
)
def test_a_share_reads_as_a_signed_percentage(share: float, shown: str) -> None:
    assert signed_percent(share) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (None, "–"),
        (0, "0 %"),
        (0.004, "0.4 %"),
        (0.42, "42 %"),
        (0.996, "99.6 %"),
        (0.9996, "100 %"),
        (1, "100 %"),
    ],
)
def test_a_share_is_written_finely_near_its_ends(share: float | None, shown: str) -> None:
    assert percent(share) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (3.5, "$3.50"), (Decimal("99.99"), "$99.99"), (1248.4, "$1,248")],
)
def test_dollars_have_cents_below_a_hundred(value: float | Decimal | None, shown: str) -> None:
    assert dollars(value) == shown
