"""The item-item model and its evaluation: NumPy and SciPy, no Django, no store."""
