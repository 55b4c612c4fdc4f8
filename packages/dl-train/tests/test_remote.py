"""Logs sent to a server."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import numpy as np
import pytest

from dl_train.callbacks import RemoteMonitor


class Server(HTTPServer):
    """Notes what it is sent, and answers with a status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers.items()), body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


LOGS = {"loss": np.float32(0.5), "confusion": np.eye(2), "note": "text"}
SENT = {"epoch": 3, "loss": 0.5, "confusion": [[1.0, 0.0], [0.0, 1.0]], "note": "text"}


def test_logs_come_in_a_form(server: Server) -> None:
    RemoteMonitor(server.root, headers={"X-Key": "secret"}).on_epoch_end(3, LOGS)
    [(path, headers, body)] = server.requests
    assert path == "/publish/epoch/end/"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert {name.lower(): value for name, value in headers.items()}["x-key"] == "secret"
    assert json.loads(urllib.parse.parse_qs(body.decode())["data"][0]) == SENT


def test_logs_come_as_json(server: Server) -> None:
    RemoteMonitor(server.root, "/logs", send_as_json=True).on_epoch_end(3, LOGS)
    [(path, headers, body)] = server.requests
    assert (path, headers["Content-Type"]) == ("/logs", "application/json")
    assert json.loads(body) == SENT


def test_training_goes_on_without_the_server(server: Server) -> None:
    server.status = 500
    with pytest.warns(UserWarning, match="500"):
        RemoteMonitor(server.root).on_epoch_end(0, {"loss": 1.0})
    with pytest.warns(UserWarning, match="did not take the logs"):
        RemoteMonitor("http://127.0.0.1:1").on_epoch_end(0, {"loss": 1.0})


def test_addresses_of_files_are_refused() -> None:
    with pytest.raises(ValueError, match="file:///etc"):
        RemoteMonitor("file:///etc")
