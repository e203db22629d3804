FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.txt ./
# Without pip of its own: the running image installs nothing.
RUN python -m venv --without-pip /opt/trialmark \
    && pip --python /opt/trialmark/bin/python install --no-cache-dir --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY templates templates
COPY static static
COPY migrations migrations
RUN pip --python /opt/trialmark/bin/python install --no-cache-dir --no-deps .

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Trialmark" \
      org.opencontainers.image.description="A clinical-trial browser for clinicians" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN pip uninstall --yes --quiet --root-user-action=ignore setuptools wheel pip \
    && useradd --system --create-home --home-dir /data --uid 10001 --user-group trialmark
COPY --from=build /opt/trialmark /opt/trialmark
# A container is given ten seconds to stop, unless one says otherwise.
ENV PATH=/opt/trialmark/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TRIALMARK_DATABASE_URL=sqlite:////data/trialmark.db \
    TRIALMARK_LOG_FORMAT=json \
    TRIALMARK_STOP_SECONDS=8
# A number, so that Kubernetes can see that it is not root.
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# Does the process answer? A restart mends that. It does not mend what /readyz tells of, such as old data.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=9)"]
CMD ["sh", "-c", "trialmark migrate --reindex && exec trialmark serve --host 0.0.0.0 --port 8000"]
