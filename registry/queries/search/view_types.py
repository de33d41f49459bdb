"""Which lifecycle a search looks at."""

from enum import Enum


class ViewType(Enum):
    """MLflow's words."""

    ACTIVE_ONLY = "ACTIVE_ONLY"
    DELETED_ONLY = "DELETED_ONLY"
    ALL = "ALL"
