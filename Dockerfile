# cynosure in a container: the locked packages, the wheel of this tree, an account without rights.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /build
COPY requirements/bootstrap.txt requirements/runtime.txt requirements/
RUN python -m venv /build/tools \
    && /build/tools/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt \
    && python -m venv --without-pip /opt/cynosure \
    && /build/tools/bin/uv pip install --no-cache --python /opt/cynosure --require-hashes --compile-bytecode \
        -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY projections projections
COPY adapters adapters
RUN /build/tools/bin/hatchling build --target wheel \
    && /build/tools/bin/uv pip install --no-cache --python /opt/cynosure --no-deps --compile-bytecode dist/*.whl

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/cynosure cynosure
COPY --from=build /opt/cynosure /opt/cynosure
ENV PATH=/opt/cynosure/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
WORKDIR /var/lib/cynosure
ENTRYPOINT ["cynosure"]
CMD ["--help"]
