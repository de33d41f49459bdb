"""The models that this process holds: each loaded once, the least used dropped first."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from registry.exceptions import BadInputError, RegistryError

from .errors import ModelRefusedError
from .servable import ServableModel

REFUSED_SECONDS = 60.0
MOST_REFUSED = 1_000


class LoadedModels:
    """A cache by the digest of the file, bounded by bytes and number.

    Two versions of the same bytes share one model; a file that was replaced is another model.
    """

    def __init__(self, *, max_bytes: int, max_count: int = 32) -> None:
        self._max_bytes, self._max_count = max_bytes, max_count
        self._models: OrderedDict[str, ServableModel] = OrderedDict()
        self._refused: dict[str, tuple[RegistryError, float]] = {}
        self._lock, self._loading = threading.Lock(), threading.Lock()

    def __len__(self) -> int:
        return len(self._models)

    def get(self, digest: str, load: Callable[[], ServableModel]) -> ServableModel:
        """The model; the first who asks loads it, and whoever asks meanwhile waits for that.

        One is loaded at a time, so that what is unpacked beside ``max_bytes`` is one model. A refusal holds
        for a minute.

        Raises:
            ModelRefusedError, BadInputError: ``load`` refused it, now or in the last minute.
        """
        if found := self._known(digest):
            return found
        with self._loading:
            if found := self._known(digest):
                return found
            try:
                model = load()
            except (ModelRefusedError, BadInputError) as error:
                self._refuse(digest, type(error)(str(error)))
                raise
            with self._lock:
                self._keep(digest, model)
        return model

    def forget(self) -> None:
        """Drop them all."""
        with self._lock:
            self._models.clear()
            self._refused.clear()

    def _known(self, digest: str) -> ServableModel | None:
        with self._lock:
            found = self._models.get(digest)
            if found is not None:
                self._models.move_to_end(digest)
                return found
            refusal = self._refused.get(digest)
        if refusal is not None and time.monotonic() < refusal[1]:
            raise type(refusal[0])(str(refusal[0]))
        return None

    def _refuse(self, digest: str, why: RegistryError) -> None:
        with self._lock:
            if len(self._refused) >= MOST_REFUSED:
                self._refused.clear()
            self._refused[digest] = why, time.monotonic() + REFUSED_SECONDS

    def _keep(self, digest: str, model: ServableModel) -> None:
        self._models[digest] = model
        while len(self._models) > 1 and (
            len(self._models) > self._max_count or self._bytes() > self._max_bytes
        ):
            self._models.popitem(last=False)

    def _bytes(self) -> int:
        return sum(each.size_bytes for each in self._models.values())
