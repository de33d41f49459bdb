"""Finding where the stores have come apart, and mending it (docs/reconcile.md)."""
