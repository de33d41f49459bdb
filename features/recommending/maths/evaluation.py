"""How often the film that a viewer rated last is among the best, ranked against all they had not rated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .interactions import Interactions, Ints
from .item_item import Floats, Settings, fit, scores

AT = 10
SEED = 20_261_122


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Of each held-out rating: how many films stood before it; 0 is the best."""

    ranks: Ints

    def hit_rate(self, at: int = AT) -> float:
        """The share that is among the first ``at``."""
        return float((self.ranks < at).mean())

    def ndcg(self, at: int = AT) -> float:
        """Normalised discounted cumulative gain: a hit counts less, the later it stands."""
        gains = np.where(self.ranks < at, 1 / np.log2(self.ranks + 2.0), 0.0)
        return float(gains.mean())


def ranks_of(found: Floats, held_out: Interactions) -> Ranks:
    """Where the held-out films stand by these scores.

    Of equal scores half stand before, so that a model that says nothing gains nothing by it.
    """
    rows = found[held_out.viewers]
    own = rows[np.arange(len(rows)), held_out.films][:, None]
    before, equal = (rows > own).sum(axis=1), (rows == own).sum(axis=1) - 1
    return Ranks(before + equal // 2)


def model_ranks(settings: Settings, learnt: Interactions, held_out: Interactions) -> Ranks:
    """Of a model that is fitted to the one and asked about the other."""
    return ranks_of(scores(fit(learnt, settings), learnt), held_out)


def popularity_ranks(learnt: Interactions, held_out: Interactions) -> Ranks:
    """Of recommending everybody what most people rated."""
    counts = np.bincount(learnt.films, minlength=learnt.shape[1]).astype(np.float64)
    return ranks_of(_unknown(np.tile(counts, (learnt.shape[0], 1)), learnt), held_out)


def random_ranks(learnt: Interactions, held_out: Interactions) -> Ranks:
    """Of recommending anything, by a fixed seed."""
    drawn: NDArray[np.float64] = np.random.default_rng(SEED).random(learnt.shape)
    return ranks_of(_unknown(drawn, learnt), held_out)


def _unknown(found: Floats, learnt: Interactions) -> Floats:
    found[learnt.viewers, learnt.films] = -np.inf
    return found
