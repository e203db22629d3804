FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.txt ./
RUN python -m venv /opt/trialmark \
    && /opt/trialmark/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY templates templates
COPY static static
COPY migrations migrations
RUN /opt/trialmark/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
RUN useradd --system --create-home --home-dir /data --uid 10001 trialmark
COPY --from=build /opt/trialmark /opt/trialmark
ENV PATH=/opt/trialmark/bin:$PATH \
    TRIALMARK_DATABASE_URL=sqlite:////data/trialmark.db \
    TRIALMARK_LOG_FORMAT=json
USER trialmark
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["sh", "-c", "trialmark migrate && exec trialmark serve --host 0.0.0.0 --port 8000"]
