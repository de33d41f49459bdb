"""PostgreSQL, MongoDB, the two Redis servers, and the artifact folder."""

from pathlib import Path

import environ

from mlplatform_site.stack import endpoints
from registry.postgres.connection import GuardedConnection

from .environment import directions, env, positive_int, store_url

# Where no store is known yet, port 1 refuses at once and the system check says what to do.
NO_POSTGRES = "postgres://nobody@127.0.0.1:1/unset"
NO_MONGODB = "mongodb://127.0.0.1:1/unset"
NO_REDIS = "redis://127.0.0.1:1/0"

DB_CONNECT_TIMEOUT_SECONDS = positive_int("DB_CONNECT_TIMEOUT_SECONDS", 3)
DB_STATEMENT_TIMEOUT_MS = positive_int("DB_STATEMENT_TIMEOUT_MS", 30_000)
DB_REQUEST_DEADLINE_MS = positive_int("DB_REQUEST_DEADLINE_MS", 5_000)
DB_LOCK_TIMEOUT_MS = positive_int("DB_LOCK_TIMEOUT_MS", 10_000)
SLOW_QUERY_MS = positive_int("SLOW_QUERY_MS", 100)

DATABASES = {
    "default": {
        **environ.Env.db_url_config(store_url("DATABASE_URL") or NO_POSTGRES),
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connection_factory": GuardedConnection,
            "connect_timeout": DB_CONNECT_TIMEOUT_SECONDS,
            "application_name": "mlplatform",
            "tcp_user_timeout": 5_000,
            # no JIT: compiling a search takes longer than the search
            "options": f"-c statement_timeout={DB_STATEMENT_TIMEOUT_MS} -c lock_timeout={DB_LOCK_TIMEOUT_MS}"
            " -c jit=off",
        },
    }
}

MONGODB_URL = store_url("MONGODB_URL") or NO_MONGODB
MONGODB_TIMEOUT_MS = positive_int("MONGODB_TIMEOUT_MS", 5_000)
# How long a writer waits for MongoDB or Redis after its commit, before it leaves them to the relay.
FAST_PATH_TIMEOUT_MS = positive_int("FAST_PATH_TIMEOUT_MS", 300)

REDIS_CACHE_URL = store_url("REDIS_CACHE_URL") or NO_REDIS
REDIS_STORE_URL = store_url("REDIS_STORE_URL") or NO_REDIS
REDIS_TIMEOUT_SECONDS = positive_int("REDIS_TIMEOUT_MS", 250) / 1_000

# What each process keeps in its own memory of answers that can't become stale (features/caches.py).
CACHE_LOCAL_MB = positive_int("CACHE_LOCAL_MB", 32)

# Every key of ours begins so (features/keys.py).
REDIS_KEY_PREFIX: str = env.str("REDIS_KEY_PREFIX", default="mlp")

# Tables that `manage.py cdc` keeps as collections of MongoDB (docs/change-capture.md).
CAPTURED_TABLES: list[str] = env.list("CAPTURED_TABLES", default=[]) or [
    "registry_experiment", "registry_dataset", "registry_trainingrun", "registry_param", "registry_metric",
    "registry_experimenttag", "registry_runtag",
]  # fmt: skip

# Which metrics have leaderboards, and which way is up (features/board_metrics.py); accuracy always has.
LEADERBOARD_METRICS = {"accuracy": "higher"} | directions(
    "LEADERBOARD_METRICS",
    "balanced_accuracy=higher,f1=higher,f1_macro=higher,precision=higher,recall=higher,"
    "roc_auc=higher,r2=higher,loss=lower,log_loss=lower,rmse=lower,mae=lower,mean_absolute_error=lower",
)

CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_CACHE_URL,
        "KEY_PREFIX": "mlplatform",
        "OPTIONS": {
            # django-redis keeps one pool a URL: a second alias on this one would share pool and timeouts.
            "CONNECTION_POOL_CLASS": "features.online.connection.CachePool",
            "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT_SECONDS,
            "SOCKET_TIMEOUT": REDIS_TIMEOUT_SECONDS,
            "IGNORE_EXCEPTIONS": True,
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
        },
    }
}

ARTIFACT_ROOT = Path(env.str("ARTIFACT_ROOT", default="") or endpoints.stack_dir() / "artifacts")
# Parquet files of archived metric points and events (docs/archives.md); as precious as the database.
ARCHIVE_ROOT = Path(env.str("ARCHIVE_ROOT", default="") or endpoints.stack_dir() / "archive")
# HDF5 files that data sets are windows of (features/window_files.py).
DATA_ROOT = Path(env.str("DATA_ROOT", default="") or endpoints.stack_dir() / "data")
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
