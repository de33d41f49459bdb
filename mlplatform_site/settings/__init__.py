"""Every setting, by environment (see .env.example and docs/operations.md)."""

from .base import *
from .environment import BASE_DIR as BASE_DIR
from .environment import IS_PRODUCTION as IS_PRODUCTION
from .logs import *
from .messaging import *
from .security import *
from .serving import *
from .stores import *
