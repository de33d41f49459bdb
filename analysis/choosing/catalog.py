"""All stores and all use cases, in the order in which they are shown."""

from collections.abc import Mapping

from .stores import Store, StoreName
from .stores_elsewhere import COLUMN_FAMILY, GRAPH, TIME_SERIES
from .stores_run_here import FILES, MONGODB, POSTGRESQL, REDIS

STORES: Mapping[StoreName, Store] = {
    store.name: store for store in (POSTGRESQL, MONGODB, REDIS, FILES, COLUMN_FAMILY, GRAPH, TIME_SERIES)
}


def titles(*names: StoreName) -> str:
    """Stores as a sentence names them: ``Redis and PostgreSQL``."""
    shown = [STORES[name].title for name in names]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else ""
