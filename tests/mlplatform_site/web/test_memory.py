"""Memory that is freed stays with the process."""

import subprocess
import sys

COST = """
import resource, sys
from mlplatform_site.web.memory import keep_freed_memory
assert keep_freed_memory()
pieces = [bytes(1_000_000) for _ in range(3)]
del pieces
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    bytearray(b"x") * 1_000_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_pieces_of_a_megabyte_cost_no_new_pages() -> None:
    """A hundred megabytes, which are 24,400 pages."""
    found = subprocess.run([sys.executable, "-c", COST], capture_output=True, text=True, check=True)
    assert int(found.stdout) < 2_000
