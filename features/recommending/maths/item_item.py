"""An item-item model: films that the same people rated are alike, and what was rated lately counts most.

The likeness of two films is the cosine of who rated them, shrunk where few did (Sarwar et al. 2001; the
shrinking as in Bell and Koren 2007); each film keeps its nearest neighbours alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .interactions import Interactions, Ints

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the model is made.

    Attributes:
        neighbours: how many films speak for a film.
        half_life: after how many further ratings a rating counts half.
        shrinkage: common viewers that are held against a likeness.
        least_stars: below that a rating recommends nothing.
    """

    neighbours: int = 20
    half_life: float = 10.0
    shrinkage: float = 10.0
    least_stars: int = 3


@dataclass(frozen=True, slots=True, eq=False)
class ItemItem:
    """A fitted model; ``likeness[i, j]`` is what film ``i`` says for film ``j``, by the films' numbers."""

    film_ids: tuple[int, ...]
    settings: Settings
    likeness: Any  # scipy.sparse.csr_array, float64


def fit(known: Interactions, settings: Settings) -> ItemItem:
    """Learn which films are alike."""
    seen = _matrix(known, np.ones(len(known.viewers)))
    together = (seen.T @ seen).toarray()
    watched = np.sqrt(np.maximum(together.diagonal(), 1))
    likeness = together / (np.outer(watched, watched) + settings.shrinkage)
    np.fill_diagonal(likeness, 0)
    if settings.neighbours < len(likeness):
        far = np.argpartition(-likeness, settings.neighbours, axis=0)[settings.neighbours :]
        np.put_along_axis(likeness, far, 0.0, axis=0)
    return ItemItem(known.film_ids, settings, sparse.csr_array(likeness))


def scores(model: ItemItem, known: Interactions) -> Floats:
    """What speaks for each film, shape ``(viewers, films)``; minus infinity for what the viewer knows."""
    found: Floats = (_weights(model.settings, known) @ model.likeness).toarray()
    found[known.viewers, known.films] = -np.inf
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Recommended:
    """The best films of each viewer, best first, shape ``(viewers, n)``, by the films' numbers.

    Attributes:
        scores: above 0; 0 where nothing speaks for any further film.
        because: which of the viewer's films speaks most for it.
    """

    films: Ints
    scores: Floats
    because: Ints


def recommend(model: ItemItem, known: Interactions, *, count: int) -> Recommended:
    """The best films of every viewer, and why; equals go by the films' numbers."""
    found = scores(model, known)
    films = np.argsort(-found, axis=1, kind="stable")[:, :count]  # equals by their numbers, always alike
    best = np.maximum(np.take_along_axis(found, films, axis=1), 0.0)
    weights, likeness = _weights(model.settings, known).toarray(), model.likeness.toarray()
    because = [
        np.argmax(weights[viewer][:, None] * likeness[:, chosen], axis=0)
        for viewer, chosen in enumerate(films)
    ]
    return Recommended(films, best, np.array(because).reshape(films.shape))


def _weights(settings: Settings, known: Interactions) -> Any:
    counts = 0.5 ** (known.age() / settings.half_life)
    return _matrix(known, np.where(known.stars >= settings.least_stars, counts, 0.0))


def _matrix(known: Interactions, values: Floats) -> Any:
    return sparse.csr_array((values, (known.viewers, known.films)), shape=known.shape)
