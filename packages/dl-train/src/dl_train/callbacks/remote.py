"""Logs for a server."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Mapping
from typing import Any, Final

from dl_ops.objects import public
from dl_train.callbacks.base import Callback

_TIMEOUT: Final = 10.0
"""Seconds to wait for the server."""


@public("keras.callbacks.RemoteMonitor")
class RemoteMonitor(Callback):
    """Send the logs of each epoch to a server, in a POST request.

    A server that does not answer gives a warning, and training goes on.

    Parameters
    ----------
    root : str, default "http://localhost:9000"
        Address of the server.
    path : str, default "/publish/epoch/end/"
        Follows `root`.
    field : str, default "data"
        Field of the form that holds the logs as JSON.
    headers : dict from str to str, optional
        Headers of the request.
    send_as_json : bool, default False
        Whether the logs are sent as JSON alone, and not in a form.

    Raises
    ------
    ValueError
        If `root` is no address of the web.

    Examples
    --------
    >>> callback = RemoteMonitor("https://example.org", send_as_json=True)
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        if not root.lower().startswith(("http://", "https://")):
            raise ValueError(f"RemoteMonitor(root={root!r}): expected an address with http:// or https://")
        self.root, self.path, self.field, self.headers, self.send_as_json = root, path, field, headers, send_as_json

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        text = json.dumps({"epoch": epoch, **{name: _plain(value) for name, value in (logs or {}).items()}})
        if self.send_as_json:
            body, kind = text.encode(), "application/json"
        else:
            body, kind = urllib.parse.urlencode({self.field: text}).encode(), "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, **(self.headers or {})}
        request = urllib.request.Request(self.root + self.path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT):
                pass
        except (urllib.error.URLError, OSError) as error:
            warnings.warn(f"RemoteMonitor: {self.root}{self.path} did not take the logs: {error}", stacklevel=2)


def _plain(value: Any) -> Any:
    """What JSON can hold."""
    if isinstance(value, (str, bool, int, float)) or value is None:
        return value
    return value.tolist() if hasattr(value, "tolist") else str(value)
