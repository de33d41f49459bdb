"""Keeping old data as Parquet files, and bringing it back."""
