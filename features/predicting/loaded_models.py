"""The models that this process holds: each loaded once, the least used dropped first."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from .servable import ServableModel


class LoadedModels:
    """A cache by the digest of the file, bounded by bytes and number.

    Two versions of the same bytes share one model; a file that was replaced is another model.
    """

    def __init__(self, *, max_bytes: int, max_count: int = 32) -> None:
        self._max_bytes, self._max_count = max_bytes, max_count
        self._models: OrderedDict[str, ServableModel] = OrderedDict()
        self._loading: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._models)

    def get(self, digest: str, load: Callable[[], ServableModel]) -> ServableModel:
        """The model; the first who asks loads it, and whoever asks meanwhile waits for that."""
        with self._lock:
            if found := self._found(digest):
                return found
            turn = self._loading.setdefault(digest, threading.Lock())
        with turn:
            with self._lock:
                if found := self._found(digest):
                    return found
            model = load()
            with self._lock:
                self._keep(digest, model)
        return model

    def forget(self) -> None:
        """Drop them all."""
        with self._lock:
            self._models.clear()
            self._loading.clear()

    def _found(self, digest: str) -> ServableModel | None:
        found = self._models.get(digest)
        if found is not None:
            self._models.move_to_end(digest)
        return found

    def _keep(self, digest: str, model: ServableModel) -> None:
        self._models[digest] = model
        self._loading.pop(digest, None)
        while len(self._models) > 1 and (
            len(self._models) > self._max_count or self._bytes() > self._max_bytes
        ):
            self._models.popitem(last=False)

    def _bytes(self) -> int:
        return sum(each.size_bytes for each in self._models.values())
