# ruff: noqa: RUF001 (en dashes and minus signs are the subject)
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.numbers import (
    axis_label,
    human_bytes,
    human_count,
    human_duration,
    human_number,
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
