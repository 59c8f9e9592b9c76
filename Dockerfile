# The page and the API in a container (README, "From a laptop to many servers"); `assistant slack` runs in the same image.
#
#     docker build --tag meeting-assistant .
#     docker run --init --publish 127.0.0.1:7860:7860 --env ASSISTANT_API_KEYS=ana:... \
#       --volume "$PWD/seeds:/seeds:ro" --volume meeting-data:/data meeting-assistant

FROM python:3.12-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY assistant assistant
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim
# The number is fixed so that a volume's files keep their owner from one image to the next.
RUN useradd --uid 10001 --create-home assistant \
    && install --directory --owner assistant --group assistant /data /seeds
# The packages before the program: a change of the code leaves this layer as it is.
COPY requirements-serve.lock /tmp/requirements-serve.lock
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/requirements-serve.lock
COPY --from=build /wheels /tmp/wheels
RUN pip install --no-cache-dir --no-deps /tmp/wheels/*.whl

ENV ASSISTANT_SEEDS=/seeds ASSISTANT_DATA=/data PYTHONUNBUFFERED=1
USER assistant
WORKDIR /home/assistant
VOLUME /data
EXPOSE 7860
# Not urllib: it would ask the proxy that the environment may name.
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m CMD ["python", "-c", "\
import http.client, sys; \
server = http.client.HTTPConnection('127.0.0.1', 7860, timeout=4); \
server.request('GET', '/healthz'); \
sys.exit(server.getresponse().status != 200)"]
# Without ASSISTANT_API_KEYS this address is refused, and the container ends with a line that says so.
CMD ["assistant", "serve", "--host", "0.0.0.0", "--port", "7860"]
