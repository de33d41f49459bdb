"""What an ML team keeps, and where it keeps it best."""

from .case import UseCase
from .keeping import KEEPING
from .reaching import REACHING
from .serving import SERVING

USE_CASES: tuple[UseCase, ...] = (*KEEPING, *SERVING, *REACHING)

__all__ = ["USE_CASES", "UseCase"]
