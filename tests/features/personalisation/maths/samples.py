"""The customers that the papers fit: a tenth of CDNOW's, and their first 39 weeks."""

from functools import cache
from pathlib import Path

import numpy as np

from features.personalisation.maths.histories import Histories
from features.seeding.wheels import wheel_file

FILE = Path("datasets", "cdnow_customers_summary_with_transactions.csv")


@cache
def published_sample() -> Histories:
    """2,357 customers from the summary in the lifetimes wheel: weeks to two decimals."""
    path = wheel_file("lifetimes", FILE)
    assert path
    columns = np.genfromtxt(path, delimiter=",", skip_header=1).T
    return histories(*columns[1:])


def histories(repeats: object, recency: object, age: object, spend: object = 0.0) -> Histories:
    """Customers by their repeats, weeks and dollars a day; one number stands for all of them."""
    x, weeks, total, dollars = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(each, float)) for each in (repeats, recency, age, spend))
    )
    silent = ((total - weeks) * 7 + 1).astype(int)
    return Histories(np.arange(len(x)), x, weeks, total, dollars, silent, x * dollars)
