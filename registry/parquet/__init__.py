"""Parquet files, whole or not there, and metric points in them. Most of it imports pyarrow, slow to load."""
