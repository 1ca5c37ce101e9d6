# The hub alone: no demo world is made, no database inside, nothing written but to /tmp.
FROM python:3.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /opt/hub \
    && /opt/hub/bin/pip install --require-hashes --requirement requirements.txt
COPY . .
RUN /opt/hub/bin/pip install --no-deps --no-build-isolation . \
    && /opt/hub/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm
RUN groupadd --system --gid 10001 hub \
    && useradd --system --uid 10001 --gid hub --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin hub
COPY --from=build /opt/hub /opt/hub
ENV PATH=/opt/hub/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HUB_MODE=production \
    HUB_HOST=0.0.0.0 \
    HUB_PORT=8000 \
    HUB_LOG_FORMAT=json \
    HUB_DATA_DIR=/tmp/hub
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
# `docker run innograph` serves; `docker run innograph manage store upgrade` is the operator's command.
ENTRYPOINT ["python", "-m"]
CMD ["server"]
