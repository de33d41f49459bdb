"""A model's answers: from the cache where they were computed before, else computed once."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

import orjson

from features.caches import PREDICTIONS
from features.online import predictions as cached
from features.online.cache_counts import count
from features.predicting.in_flight import InFlight
from features.predicting.servable import Answer
from registry.exceptions import StoreUnavailableError

WAIT_SECONDS = PREDICTIONS.wait_seconds  # for another process; then one computes, too
FIRST_PAUSE = 0.002
FLIGHT_SECONDS = 10.0

Compute = Callable[[list[str]], Sequence[Answer]]
Found = dict[str, tuple[Answer, bool]]
in_flight = InFlight()


def answers_for(keys: Sequence[str], compute: Compute) -> Found:
    """An answer for each key, and whether it was there already.

    Hits take one round trip, misses a second one, to fill. Of those who ask for the same at the same time one
    computes, also across processes. Without the cache, once a process.

    Args:
        keys: each once.
        compute: answers for some of the keys, in their order; what it raises is raised.
    """
    looked = cached.look_up(keys)
    found: Found = {key: (_unpacked(value), True) for key, value in looked.values.items()}
    missing = [key for key in keys if key not in found]
    if not missing:
        return found
    compute = _counted(compute)
    wanted = missing if looked.is_away else [key for key in missing if key in looked.ours]
    ours, flights = in_flight.take(wanted)
    found |= _computed(ours, compute, looked.token)
    elsewhere = [key for key in missing if key not in found and key not in flights]
    found |= _landed(flights) | _awaited(elsewhere, compute)
    return found


def _counted(compute: Compute) -> Compute:
    def computed(keys: list[str]) -> Sequence[Answer]:
        count(PREDICTIONS.name, misses=len(keys))
        return compute(keys)

    return computed


def _computed(ours: list[str], compute: Compute, token: str) -> Found:
    if not ours:
        return {}
    try:
        answers = dict(zip(ours, compute(ours), strict=True))
        packed = {key: _packed(answer) for key, answer in answers.items()}
    except BaseException as error:
        in_flight.crash(ours, error)
        if token:
            cached.give_up(ours, token)
        raise
    in_flight.land(answers)
    if token:
        cached.fill(packed, token)
    return {key: (answer, False) for key, answer in answers.items()}


def _landed(flights: Mapping[str, Future[Any]]) -> Found:
    """What other threads compute; what fails there fails here.

    Raises:
        StoreUnavailableError: one has been computing for 10 s.
    """
    try:
        return {key: (flight.result(FLIGHT_SECONDS), True) for key, flight in flights.items()}
    except FutureTimeoutError as error:
        raise StoreUnavailableError("The model takes too long to answer. Ask again shortly.") from error


def _awaited(keys: list[str], compute: Compute) -> Found:
    """What another thread or process holds the lease of; computed here where it takes too long."""
    found: Found = {}
    pause, until = FIRST_PAUSE, time.monotonic() + WAIT_SECONDS
    while keys and time.monotonic() < until:
        found |= _landed(in_flight.of(keys))
        keys = [key for key in keys if key not in found]
        if not keys:
            break
        time.sleep(pause)
        pause *= 2
        found |= {key: (_unpacked(value), True) for key, value in cached.peek(keys).items()}
        keys = [key for key in keys if key not in found]
    if keys:
        found |= {key: (answer, False) for key, answer in zip(keys, compute(keys), strict=True)}
    return found


def _packed(answer: Answer) -> bytes:
    return orjson.dumps([answer.prediction, answer.probabilities, answer.classes])


def _unpacked(value: bytes) -> Answer:
    prediction, shares, classes = orjson.loads(value)
    return Answer(prediction, None if shares is None else tuple(shares), tuple(classes))
