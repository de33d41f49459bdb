"""The faults, by a fixed seed: who is killed or paused, and when."""

import random
import threading
import time
from dataclasses import dataclass

from .servers import Target

HANGING = ("mongodb", "postgres", "mongodb", "mongodb", "postgres", "mongodb")
VICTIMS = ("mongodb", "postgres", "redis-cache", "redis-store", "web", "relay")


@dataclass(frozen=True, order=True)
class Blow:
    """One act of the nemesis, in seconds from the start."""

    at: float
    victim: str
    act: str  # kill, pause, resume


def schedule(seed: int, seconds: float, *, kills: int, pauses: int) -> list[Blow]:
    """Each victim gets its kills and pauses, spread over the time, in an order that the seed decides."""
    blows = []
    for victim in VICTIMS:
        rng = random.Random(f"{seed}:{victim}")
        acts = ["kill"] * kills + ["pause"] * pauses
        rng.shuffle(acts)
        slot = seconds / len(acts)
        for number, act in enumerate(acts):
            at = slot * (number + rng.uniform(0.05, 0.6))
            blows.append(Blow(round(at, 2), victim, act))
            if act == "pause":
                blows.append(Blow(round(at + rng.uniform(0.3, min(3.5, slot * 0.35)), 2), victim, "resume"))
    return sorted([*blows, *_in_between(seed, seconds)])


def _in_between(seed: int, seconds: float) -> list[Blow]:
    """The web process dies while a store hangs: between two writes, if a protocol has a between."""
    rng, blows = random.Random(f"{seed}:between"), []
    for number, store in enumerate(HANGING):
        at = seconds * (0.08 + number * 0.9 / len(HANGING) + rng.uniform(0, 0.08))
        blows += [Blow(at, store, "pause"), Blow(at + 0.4, "web", "kill"), Blow(at + 0.8, store, "resume")]
    return [Blow(round(blow.at, 2), blow.victim, blow.act) for blow in blows]


class Nemesis(threading.Thread):
    """Strikes on time; a victim that this protocol does not have is left out."""

    def __init__(self, victims: dict[str, Target], blows: list[Blow]) -> None:
        super().__init__(daemon=True)
        self._victims, self._blows = victims, [blow for blow in blows if blow.victim in victims]
        self.struck: list[Blow] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        began = time.monotonic()
        try:
            for blow in self._blows:
                time.sleep(max(0.0, began + blow.at - time.monotonic()))
                self._strike(blow, round(time.monotonic() - began, 2))
        except BaseException as error:  # noqa: BLE001 (told to whoever joins)
            self.error = error
        finally:
            for victim in self._victims.values():
                victim.resume()

    def finish(self) -> None:
        """Wait for the last blow and for everybody to be back."""
        self.join()
        if self.error is not None:
            raise self.error
        for victim in self._victims.values():
            victim.wait_until_back()

    def _strike(self, blow: Blow, at: float) -> None:
        victim = self._victims[blow.victim]
        {"kill": victim.kill, "pause": victim.pause, "resume": victim.resume}[blow.act]()
        self.struck.append(Blow(at, blow.victim, blow.act))
