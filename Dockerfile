# The application alone: the stores are containers of their own (docker-compose.yml).
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-deps --require-hashes -r requirements.txt
WORKDIR /app
COPY . .
RUN MLPLATFORM_ENV=production SECRET_KEY=only-for-collectstatic \
    DATABASE_URL=postgres://unset@127.0.0.1:1/unset MONGODB_URL=mongodb://127.0.0.1:1/unset \
    REDIS_CACHE_URL=redis://127.0.0.1:1/0 REDIS_STORE_URL=redis://127.0.0.1:1/0 \
    /venv/bin/python manage.py collectstatic --no-input

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home mlplatform \
    && install -d -o mlplatform -g mlplatform /artifacts
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER mlplatform
EXPOSE 8000
CMD ["gunicorn", "--config", "python:mlplatform_site.web.gunicorn_settings", "--bind", "0.0.0.0:8000"]
