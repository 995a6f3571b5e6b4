# The bot's image. tests/project/test_docker_steps.py replays these steps on machines that have no Docker.
FROM python:3.11-slim-bookworm AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m pip install --quiet --target /opt/uv uv==0.13.9
COPY requirements/run.txt /opt/run.txt
RUN /opt/uv/bin/uv venv --quiet --python "$(command -v python)" /opt/venv \
    && /opt/uv/bin/uv pip install --quiet --python /opt/venv/bin/python --require-hashes --compile-bytecode \
        --requirement /opt/run.txt
WORKDIR /app
COPY LICENSE LICENSE
COPY alembic alembic
COPY locales locales
COPY bot bot
# The dates in bytecode go unchecked: the files of an image never change, and a copy may have other dates.
# The modes are set because files keep those of the checkout, which may be closed to everyone but its owner.
RUN python -m compileall -q --invalidation-mode unchecked-hash bot && chmod -R a+rX,go-w .

FROM python:3.11-slim-bookworm
# The one place the bot may write to. It has no account: a bare number owns nothing else and can log in nowhere.
RUN install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 VOLYA_DATA_DIR=/data
WORKDIR /app
USER 10001:10001
VOLUME /data
HEALTHCHECK --interval=60s --timeout=10s --start-period=20s CMD ["python", "-m", "bot", "check"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
