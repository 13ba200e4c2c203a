FROM python:3.13-slim AS build
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update && apt-get install -y --no-install-recommends \
        gettext fonts-noto-core postgresql-client
# What makes and restores backups, without the wrapper in Perl that Debian puts around it.
RUN mkdir /opt/postgresql \
    && cd /usr/lib/postgresql/*/bin && cp pg_dump pg_restore psql /opt/postgresql
# Of some hundred megabytes of fonts those for the scripts of the site's languages.
RUN mkdir /opt/fonts && cd /usr/share/fonts/truetype/noto \
    && cp NotoSerif-*.ttf NotoSans-Regular.ttf NotoSans-Bold.ttf NotoNaskhArabic-*.ttf /opt/fonts
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /srv/pressoffice
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip pip install --require-hashes -r requirements.txt
# What only some deployments want (docs/operations.md).
ARG EXTRAS=""
RUN --mount=type=cache,target=/root/.cache/pip test -z "$EXTRAS" || pip install $EXTRAS
RUN pip uninstall -qy pip \
    # no languages but those of the site
    && find /opt/venv -regex '.*/locale/[^/]+' -type d \
        ! -regex '.*/locale/\(en\|fr\|es\|ru\|az\|ar\)' -prune -exec rm -r {} + \
    # no pages that show the API: openapi.json describes it
    && rm -r /opt/venv/lib/python3*/site-packages/ninja/static \
    && find /opt/venv -name '*.po' -delete
COPY . .
# Settings refuse to load without a key; this one signs nothing and stays in this line.
RUN export PRESSOFFICE_SECRET_KEY=build-only \
    && python manage.py compilemessages -v 0 && python manage.py collectstatic --no-input -v 0 \
    && python -m compileall -q letters pressoffice

FROM python:3.13-slim
LABEL org.opencontainers.image.title=pressoffice \
      org.opencontainers.image.description="The letter of record: a press office's site and desk" \
      org.opencontainers.image.licenses=BSD-3-Clause
# PDFs are set with Pango; PostgreSQL's client is linked with libpq and liblz4.
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update && apt-get install -y --no-install-recommends \
        libpangoft2-1.0-0 libpq5 liblz4-1 tini
RUN useradd --system --uid 10001 --no-create-home pressoffice \
    && install -d -o pressoffice /srv/media /srv/media/renditions /srv/keys /srv/changes \
        /srv/static /srv/backups \
    # nobody becomes another user here
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
COPY --from=build /opt/fonts /usr/local/share/fonts
RUN fc-cache
COPY --from=build /opt/postgresql /usr/local/bin
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/pressoffice /srv/pressoffice
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PRESSOFFICE_MEDIA_ROOT=/srv/media PRESSOFFICE_KEYS=/srv/keys
WORKDIR /srv/pressoffice
USER pressoffice
EXPOSE 8000
HEALTHCHECK --start-period=60s --start-interval=1s --interval=10s --timeout=5s \
    CMD ["python", "deploy/healthcheck.py"]
ENTRYPOINT ["tini", "--"]
CMD ["deploy/entrypoint"]
