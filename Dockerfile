FROM python:3.13-slim AS build
RUN --mount=type=cache,target=/var/cache/apt --mount=type=cache,target=/var/lib/apt/lists \
    apt-get update && apt-get install -y --no-install-recommends gettext
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /srv/pressoffice
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip pip install --require-hashes -r requirements.txt
# What only some deployments want (docs/operations.md).
ARG EXTRAS=""
RUN --mount=type=cache,target=/root/.cache/pip test -z "$EXTRAS" || pip install $EXTRAS
COPY . .
# Settings refuse to load without a key; this one signs nothing and stays in this line.
RUN export PRESSOFFICE_SECRET_KEY=build-only \
    && python manage.py compilemessages && python manage.py collectstatic --no-input

FROM python:3.13-slim
# PDFs are set with Pango, in fonts for every script.
RUN --mount=type=cache,target=/var/cache/apt --mount=type=cache,target=/var/lib/apt/lists \
    apt-get update && apt-get install -y --no-install-recommends libpangoft2-1.0-0 fonts-noto-core
RUN useradd --system --no-create-home pressoffice && install -d -o pressoffice /srv/media
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/pressoffice /srv/pressoffice
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PRESSOFFICE_MEDIA_ROOT=/srv/media
WORKDIR /srv/pressoffice
USER pressoffice
EXPOSE 8000
HEALTHCHECK --start-period=120s --start-interval=1s --interval=30s --timeout=5s \
    CMD ["python", "deploy/healthcheck.py"]
CMD ["deploy/entrypoint"]
