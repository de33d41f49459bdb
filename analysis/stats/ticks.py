"""Where an axis is marked: round numbers, decades, round times."""

import math
import sys

DEFAULT_TARGET = 5
MOST_DECADES = 7
MANTISSAS = (1, 2, 5)
TIME_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(60 * n for n in (1, 2, 5, 10, 15, 30)),
    *(3_600 * n for n in (1, 2, 3, 6, 12)),
    *(86_400 * n for n in (1, 2, 7, 14, 28)),
)
"""Steps in seconds that people read: 15 s, 5 min, 6 h, 1 d, …"""


def linear_ticks(low: float, high: float, *, target: int = DEFAULT_TARGET) -> tuple[float, ...]:
    """Multiples of 1, 2 or 5 times a power of ten inside ``[low, high]``, about ``target`` many.

    Raises:
        ValueError: Where the range is not finite, is reversed, or ``target`` is below 1.
    """
    _check(low, high, target)
    wanted = (high - low) / target
    if wanted < sys.float_info.min:
        return tuple(dict.fromkeys((low, high)))
    return _multiples(low, high, _round_step(wanted))


def log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Powers of ten inside ``[low, high]``, with their doubles and fives where few decades show.

    Raises:
        ValueError: Where the range is not finite, is reversed, or does not start above zero.
    """
    _check(low, high, 1)
    if low <= 0:
        raise ValueError(f"A log axis starts above zero, not at {low}.")
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    stride = max(1, -(-(last - first) // MOST_DECADES))
    mantissas = MANTISSAS if last - first <= MOST_DECADES // 2 else (1,)
    ticks = tuple(
        tick
        for exponent in range(first, last + 1, stride)
        for mantissa in mantissas
        if low <= (tick := float(f"{mantissa}e{exponent}")) <= high
    )
    return ticks if len(ticks) > 1 else linear_ticks(low, high)


def time_ticks(low: float, high: float, *, target: int = DEFAULT_TARGET) -> tuple[float, ...]:
    """Round times in seconds inside ``[low, high]``; below a second as ``linear_ticks``.

    Raises:
        ValueError: As ``linear_ticks``.
    """
    _check(low, high, target)
    wanted = (high - low) / target
    if wanted < TIME_STEPS[0] or wanted > TIME_STEPS[-1]:
        return linear_ticks(low, high, target=target)
    return _multiples(low, high, next(step for step in TIME_STEPS if step >= wanted))


def _check(low: float, high: float, target: int) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and math.isfinite(high - low)):
        raise ValueError(f"An axis needs a finite range, not {low} to {high}.")
    if low > high:
        raise ValueError(f"An axis runs upwards, not from {low} to {high}.")
    if target < 1:
        raise ValueError(f"An axis needs 1 tick or more, not {target}.")


def _round_step(wanted: float) -> float:
    """The smallest of 1, 2, 5, 10 times a power of ten that is not below ``wanted``."""
    exponent = math.floor(math.log10(wanted))
    return next(step for step in (float(f"{m}e{exponent}") for m in (*MANTISSAS, 10, 20)) if step >= wanted)


def _multiples(low: float, high: float, step: float) -> tuple[float, ...]:
    digits = max(0, 1 - math.floor(math.log10(step)))
    first, last = math.ceil(low / step), math.floor(high / step)
    ticks = (round(n * step, digits) + 0.0 for n in range(first, last + 1))
    return tuple(dict.fromkeys(tick for tick in ticks if low <= tick <= high))
