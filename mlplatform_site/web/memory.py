"""What the C library does with the memory that Python gives back."""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
MAPPED_FROM_BYTES = 8 * 1024**2
KEPT_BYTES = 16 * 1024**2


def keep_freed_memory() -> bool:
    """Keep freed pieces of up to 8 MB for the next, in this process; False where malloc is not glibc's.

    Otherwise each piece of an upload is mapped, zeroed page by page and unmapped: 50 ms in the kernel for
    20 MB; so it is 14, and the process is no larger.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES) and mallopt(M_TRIM_THRESHOLD, KEPT_BYTES))
