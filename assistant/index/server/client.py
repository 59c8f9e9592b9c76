"""A Chroma server: chromadb's own HTTP client, with a bound on time, and its errors as ours.

chromadb is imported when the server is first asked, not before (0.5 s).
"""

from __future__ import annotations

import base64
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from assistant.errors import AssistantError, IndexUnreachable, IndexUnusable

PATIENCE = 5.0
"""Seconds that the server may take to answer, unless another number is given."""


class ChromaServer:
    """The server at an `http://` or `https://` address, which may hold `user:password@` for a proxy that asks for them.

    Thread-safe. Making one asks nothing; a server that is back after it was gone is used again by itself.

    Raises (everywhere):
        IndexUnreachable: it cannot be reached, does not answer in time, or fails.
        IndexUnusable: it does not have what it is asked for.
    """

    def __init__(self, url: str, patience: float | None = None) -> None:
        self._url = urlsplit(url)
        self._patience = PATIENCE if patience is None else patience
        self._lock = threading.Lock()
        self._client: Any = None
        self._netloc = self._url.netloc.rpartition("@")[2]
        self.where = f"the Chroma server {self._netloc}"

    def version(self) -> str:
        """The version that it tells of itself."""
        with self.calls() as client:
            return str(client.get_version())

    def clock(self) -> float:
        """Its time: seconds since 1970."""
        with self.calls() as client:
            return float(client.heartbeat()) / 1e9

    def collections(self) -> dict[str, Mapping[str, Any]]:
        """The names of all its collections, with what is noted on each."""
        with self.calls() as client:
            return {each.name: each.metadata or {} for each in client.list_collections()}

    def create(self, name: str, noted: Mapping[str, Any]) -> bool:
        """Makes a collection, unless there is one of that name: of several who try at once it is True for one."""
        try:
            with self.calls() as client:
                client.create_collection(name, metadata=dict(noted), embedding_function=None)
        except AssistantError:
            if name in self.collections():  # the error for a name that is taken has no type of its own
                return False
            raise
        return True

    def note(self, name: str, noted: Mapping[str, Any]) -> None:
        """Notes something on a collection."""
        with self.calls() as client:
            client.get_collection(name, embedding_function=None).modify(metadata=dict(noted))

    def delete(self, name: str) -> None:
        """Removes a collection, if it is there."""
        with suppress(IndexUnusable), self.calls() as client:
            client.delete_collection(name)

    def close(self) -> None:
        """Ends the connections; asking something makes new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()
            for part in (client, client._admin_client):  # each has connections of its own, which that leaves open
                part._server._session.close()

    @contextmanager
    def calls(self) -> Iterator[Any]:
        """Lends the client (a `chromadb.ClientAPI`); within, its errors are raised as ours."""
        try:
            yield self._connected()
        except (AssistantError, ImportError, MemoryError):
            raise
        except Exception as exc:
            raise self._translated(exc) from exc

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> Any:
        import chromadb
        from chromadb.config import Settings

        headers = {}
        if self._url.username is not None:
            credentials = f"{unquote(self._url.username)}:{unquote(self._url.password or '')}"
            headers["Authorization"] = f"Basic {base64.b64encode(credentials.encode()).decode()}"
        url = self._url._replace(netloc=self._netloc, path=self._url.path.rstrip("/")).geturl()
        # The client waits for ever, which no setting changes, and asks the server when it is made: so the server is tried
        # before, and the client bounded after.
        alive = urllib.request.Request(f"{url}/api/v2/heartbeat", headers=headers)
        try:
            urllib.request.urlopen(alive, timeout=self._patience).close()
        except urllib.error.HTTPError as exc:
            exc.close()
            raise
        settings = Settings(anonymized_telemetry=False)
        client: Any = chromadb.HttpClient(url, ssl=self._url.scheme == "https", headers=headers, settings=settings)
        client._server._session.timeout = self._patience
        return client

    def _translated(self, exc: Exception) -> AssistantError:
        kinds = {kind.__name__ for each in (exc, exc.__cause__, exc.__context__) for kind in type(each).__mro__}
        detail = " ".join(str(exc).split())[:200]
        if kinds & {"NotFoundError", "InvalidArgumentError", "InvalidDimensionException"}:
            return IndexUnusable(f"the index on {self.where} is damaged ({detail}); run `assistant ingest`")
        if kinds & {"TimeoutException", "TimeoutError"}:
            return IndexUnreachable(
                f"{self.where} does not answer within {self._patience:g} s; look whether it is well"
            )
        if "HTTPError" in kinds and isinstance(exc, OSError):
            return IndexUnreachable(f"{self.where} does not answer as one ({detail}); look whether CHROMA_URL is right")
        if kinds & {"TransportError", "URLError", "OSError"}:
            return IndexUnreachable(f"{self.where} cannot be reached ({detail}); start it, or see to CHROMA_URL")
        return IndexUnreachable(f"{self.where} fails ({detail or type(exc).__name__}); its log may say why")
