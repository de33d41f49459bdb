"""How often something may be done: sliding windows that hold across processes, at next to no cost.

Redis keeps the windows (``features.online.rate_windows``, enrolled as the ledger). A process asks it for
a grant, one call, and spends that by itself within a second; so a busy client costs one call a second.
Without Redis each process goes by what it has allowed itself.
"""
