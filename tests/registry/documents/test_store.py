import pytest
from pymongo.errors import ExecutionTimeout

from registry.breakers import MONGODB
from registry.documents.store import told_plainly
from registry.exceptions import StoreUnavailableError


def test_what_takes_mongodb_too_long_is_told_and_does_not_shut_it_out() -> None:
    with pytest.raises(StoreUnavailableError, match="narrower filter"), told_plainly():
        raise ExecutionTimeout("operation exceeded time limit")
    assert MONGODB.admits()
