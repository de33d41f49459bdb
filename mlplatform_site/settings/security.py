"""What keeps the site shut by default."""

from .environment import IS_PRODUCTION, env, not_negative_int, one_of, positive_int

# What a user may do in an experiment in which nobody gave them a level (docs/decisions/0007).
DEFAULT_EXPERIMENT_PERMISSION = one_of(
    "DEFAULT_EXPERIMENT_PERMISSION", ("READ", "EDIT", "MANAGE", "NO_PERMISSIONS")
)

# How long credentials that were good are not looked up again; 0 looks each time.
CREDENTIALS_KEPT_MS = not_negative_int("CREDENTIALS_KEPT_MS", 1_000)

# How long they hold while PostgreSQL, which knows whether they still are, is away; 0: not at all.
CREDENTIALS_KEPT_AWAY_SECONDS = not_negative_int("CREDENTIALS_KEPT_AWAY_SECONDS", 600)

# How often a process hands over what it counted (requests, feature reads); 0: never.
COUNTERS_EVERY_MS = not_negative_int("COUNTERS_EVERY_MS", 1_000)

# Requests of one token and of one address within any minute; 0: no limit.
RATE_LIMIT_TOKEN_PER_MINUTE = not_negative_int("RATE_LIMIT_TOKEN_PER_MINUTE", 300_000)
RATE_LIMIT_ADDRESS_PER_MINUTE = not_negative_int("RATE_LIMIT_ADDRESS_PER_MINUTE", 600_000)
# Failed logins of one address and of one user name within so many seconds; 0: no limit.
LOGIN_FAILURES_PER_ADDRESS = not_negative_int("LOGIN_FAILURES_PER_ADDRESS", 30)
LOGIN_FAILURES_PER_USER = not_negative_int("LOGIN_FAILURES_PER_USER", 100)
LOGIN_FAILURES_SECONDS = positive_int("LOGIN_FAILURES_SECONDS", 300)
# How many proxies of ours a request passes that append to X-Forwarded-For; 0: the header is not believed.
TRUSTED_PROXIES = not_negative_int("TRUSTED_PROXIES", 0)

# The largest file that the API takes.
ARTIFACT_MAX_MB = positive_int("ARTIFACT_MAX_MB", 2_048)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "mlplatform_session"
CSRF_COOKIE_NAME = "mlplatform_csrf"
SECURE_REFERRER_POLICY = "same-origin"

# Production sits behind TLS; HTTPS_ONLY=0 is for a trial without a certificate.
HTTPS_ONLY = IS_PRODUCTION and env.bool("HTTPS_ONLY", default=True)
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
