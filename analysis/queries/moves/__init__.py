"""Data on the move: change capture, dual write, backfills, imports, archives."""
