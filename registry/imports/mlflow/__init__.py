"""MLflow's own stores, read without MLflow: a folder ``mlruns``, or a database of its tracking server."""
