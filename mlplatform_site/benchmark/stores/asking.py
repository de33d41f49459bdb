"""What a client asks for, and whether an answer is right."""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from analysis.benchmarks.stores import data
from analysis.benchmarks.stores.pages import kept_page
from analysis.benchmarks.stores.works import (
    BATCH_READ,
    CACHED_PAGE,
    COMPLEX_QUERY,
    FEATURE_VECTORS,
    KEY_VALUE_READ,
    SIMPLE_READ,
    WRITES,
)
from analysis.benchmarks.tracking.jobs import WrongAnswerError, expect


class Asking:
    """Questions about so many records, and their answers.

    Args:
        records: how many records and values the stores have.
    """

    def __init__(self, records: int) -> None:
        self.records = records
        self._keys = [data.key(number) for number in range(records)]
        self._numbers = {key: number for number, key in enumerate(self._keys)}
        self._vectors = {data.entity(number): data.vector(number) for number in range(data.ENTITIES)}
        self._makers: dict[str, Callable[[random.Random, int], Any]] = {
            KEY_VALUE_READ: self._some_keys,
            SIMPLE_READ: self._some_keys,
            BATCH_READ: self._some_keys,
            **dict.fromkeys(WRITES, _new_records),
            COMPLEX_QUERY: lambda chance, _: chance.choice(data.LOSSES),
            CACHED_PAGE: lambda chance, _: chance.randrange(data.PAGES),
            FEATURE_VECTORS: lambda chance, items: [
                data.entity(number) for number in chance.sample(range(data.ENTITIES), items)
            ],
        }

    def learn(self, works: Sequence[str]) -> None:
        """Work out what takes its time, before the clients are forked."""
        if COMPLEX_QUERY in works:
            for loss in data.LOSSES:
                data.groups(self.records, loss)
        if CACHED_PAGE in works:
            for number in range(data.PAGES):
                kept_page(number)

    def draw(self, work: str, items: int, chance: random.Random) -> Any:
        """One question: a key, an id, a record to write, a loss, a page's number; or a list of them."""
        return self._makers[work](chance, items)

    def check(self, work: str, asked: Any, answer: Any) -> None:
        """Compare an answer with what is known.

        Raises:
            WrongAnswerError: it is another.
        """
        if work == COMPLEX_QUERY:
            _check_groups(answer, data.groups(self.records, asked))
        else:
            expect(answer, self._expected(work, asked), work)

    def _expected(self, work: str, asked: Any) -> Any:
        if work == CACHED_PAGE:
            return kept_page(asked)
        if work == FEATURE_VECTORS:
            return [self._vectors[entity] for entity in asked]
        if work in WRITES:
            return None  # what was written is counted afterwards
        if isinstance(asked, list):
            return [self._expected(work, each) for each in asked]
        number = self._numbers[asked]
        return data.value(number) if work == KEY_VALUE_READ else data.records(self.records)[number]

    def _some_keys(self, chance: random.Random, items: int) -> Any:
        if items == 1:
            return chance.choice(self._keys)
        return chance.sample(self._keys, items)


def _new_records(chance: random.Random, items: int) -> Any:
    made = [
        data.record(chance.randrange(1_000_000), record_id=f"{chance.getrandbits(128):032x}")
        for _ in range(items)
    ]
    return made[0] if items == 1 else made


def _check_groups(answer: Any, expected: list[tuple[str, int, float, float]]) -> None:
    """The mean depends on the order of adding, in its last digits."""
    expect([row[:2] for row in answer], [row[:2] for row in expected], COMPLEX_QUERY)
    for found, wanted in zip(answer, expected, strict=True):
        if not (math.isclose(found[2], wanted[2], rel_tol=1e-9, abs_tol=1e-9) and found[3] == wanted[3]):
            raise WrongAnswerError(f"{COMPLEX_QUERY}: {found}, expected {wanted}")
