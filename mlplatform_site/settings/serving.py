"""Which models are served."""

from .environment import env, positive_int

# A pickle is a program: loading one runs it. Off, unless everyone who may log a model is trusted with that.
ALLOW_PICKLED_MODELS: bool = env.bool("ALLOW_PICKLED_MODELS", default=False)

# Types in skops files that an operator trusts, beside scikit-learn's own.
TRUSTED_MODEL_TYPES: list[str] = env.list("TRUSTED_MODEL_TYPES", default=[])

# A profile's predictions hold a day: scores are computed daily. What was refused may be asked for again soon.
PROFILE_MAX_AGE_SECONDS = positive_int("PROFILE_MAX_AGE_SECONDS", 86_400)
PROFILE_RETRY_SECONDS = positive_int("PROFILE_RETRY_SECONDS", 60)

# How much of unpacked models one process holds; the least used are dropped.
LOADED_MODELS_MAX_MB = positive_int("LOADED_MODELS_MAX_MB", 512)
