"""Numbers, sizes and durations as people read them."""

import math
import sys
from decimal import Decimal

MISSING = "–"  # noqa: RUF001 (an en dash, as tables show nothing)
MINUS = "−"  # noqa: RUF001 (the minus sign, as wide as a digit)
BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
COUNT_UNITS = ("", "k", "M", "G", "T")
MINUTE, HOUR, DAY = 60, 3_600, 86_400
TINY, HUGE = 1e-4, 1e9
LABEL_THOUSANDS = 1e4
FULL_PERCENT, FULL_HUNDRED = 99.5, 99.95
WITH_CENTS = 100
SHOWN = 8  # numbers of a vector
# One more rounding step would show 1000 of the smaller unit.
FULL_WHOLE, FULL_TENTH, FULL_MILLI, FULL_MICRO = 999.5, 999.95, 0.9995, 0.9995e-3


def human_number(value: float | None, *, digits: int = 4) -> str:
    """A measured value: ``0.9737``, ``1,248``, ``1.23e-05``, ``NaN``, ``∞``; a dash for None.

    Args:
        value: Any float.
        digits: Significant digits kept of a number that is not whole.
    """
    if value is None:
        return MISSING
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else _signed(value, "∞")
    size = abs(value)
    if size and (size < TINY or size >= HUGE):
        return _signed(value, f"{size:.{digits}g}")
    if size == int(size) or size >= 10**digits:
        return _signed(value, f"{size:,.0f}")
    shown = f"{size:,.{max(0, digits - 1 - math.floor(math.log10(size)))}f}"
    return _signed(value, shown.rstrip("0").rstrip(".") if "." in shown else shown)


def digits_telling(value: float, *, apart: float, least: int = 4) -> int:
    """Significant digits with which a value and another so far ``apart`` read differently; 15 at most."""
    if not (value and math.isfinite(value) and apart > 0):
        return least
    digits = math.floor(math.log10(abs(value))) - math.floor(math.log10(apart)) + 1
    return min(max(digits, least), sys.float_info.dig)


def signed_number(value: float) -> str:
    """A difference: :func:`human_number` with its sign, also a plus."""
    return f"+{human_number(value)}" if value > 0 else human_number(value)


def signed_percent(share: float) -> str:
    """A difference as a share of something, with its sign: ``+1.3 %``."""
    percent = share * 100
    return f"{signed_number(float(f'{percent:.2g}' if abs(percent) < FULL_PERCENT else f'{percent:.0f}'))} %"


def percent(share: float | None) -> str:
    """A share of one: ``42 %``, ``0.4 %``, ``99.9 %``; a dash for None."""
    if share is None:
        return MISSING
    shown = share * 100
    is_near_an_end = 0 < shown < 1 or FULL_PERCENT <= shown < FULL_HUNDRED
    return f"{shown:.1f} %" if is_near_an_end else f"{shown:.0f} %"


def dollars(value: float | Decimal | None) -> str:
    """US dollars: ``$1,248``, with cents below a hundred; a dash for None."""
    if value is None:
        return MISSING
    return f"${value:,.2f}" if -WITH_CENTS < value < WITH_CENTS else f"${value:,.0f}"


def human_value(value: object) -> str:
    """A feature's value: numbers as :func:`human_number`, ``yes``, text, ``[1, 2.5, 3]``; a dash for None."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return human_number(value)
    if isinstance(value, (list, tuple)):
        shown = ", ".join(human_value(each) for each in value[:SHOWN])
        return f"[{shown}, … {len(value):,} in all]" if len(value) > SHOWN else f"[{shown}]"
    return MISSING if value is None else str(value)


def axis_label(value: float) -> str:
    """A tick's label: short, so that labels stand beside each other: ``0.25``, ``12.5k``."""
    if LABEL_THOUSANDS <= abs(value) < HUGE:
        return human_count(round(value))
    return human_number(value, digits=6)


def human_count(value: int | None) -> str:
    """A count in a narrow place: ``950``, ``12.4k``, ``3M``."""
    return MISSING if value is None else _signed(value, _scaled(abs(value), COUNT_UNITS, ""))


def human_bytes(value: float | None) -> str:
    """A size in bytes, by thousands: ``512 B``, ``14.2 MB``."""
    return MISSING if value is None else _signed(value, _scaled(abs(value), BYTE_UNITS, " "))


def human_duration(seconds: float | None) -> str:
    """A duration: ``350 µs``, ``0.4 ms``, ``1.25 s``, ``2 min 5 s``, ``3 h 12 min``, ``2 d 4 h``."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    size = abs(seconds)
    return _signed(seconds, _short(size) if size < MINUTE - 0.5 else _long(size))


def _short(seconds: float) -> str:
    """Below a minute, with the unit that keeps the figure readable."""
    if seconds == 0:
        return "0 s"
    if seconds < FULL_MICRO:
        return f"{seconds * 1e6:.3g} µs"
    if seconds < FULL_MILLI:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds:.3g} s"


def _long(seconds: float) -> str:
    """A minute and more, in two neighbouring units."""
    whole = round(seconds)
    for unit, name, below, below_name in (
        (DAY, "d", HOUR, "h"),
        (HOUR, "h", MINUTE, "min"),
    ):
        if whole >= unit:
            return _pair(whole // unit, name, whole % unit // below, below_name)
    return _pair(whole // MINUTE, "min", whole % MINUTE, "s")


def _pair(many: int, name: str, rest: int, rest_name: str) -> str:
    return f"{many:,} {name} {rest} {rest_name}" if rest else f"{many:,} {name}"


def _scaled(size: float, units: tuple[str, ...], space: str) -> str:
    """Divide by thousands until at most three digits stand before the point."""
    power = 0
    while size >= (FULL_TENTH if power else FULL_WHOLE) and power < len(units) - 1:
        size, power = size / 1_000, power + 1
    shown = f"{size:,.1f}".removesuffix(".0") if power else f"{size:.0f}"
    return f"{shown}{space}{units[power]}"


def _signed(value: float, shown: str) -> str:
    return f"{MINUS}{shown}" if value < 0 else shown
