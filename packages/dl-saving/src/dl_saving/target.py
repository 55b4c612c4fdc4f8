"""Files that HDF5 writes to: a full disk must be an error, and not the end of the process."""

from __future__ import annotations

import io
from typing import IO, Any


class Target(io.RawIOBase):
    """File that keeps the first error of writing for later, and from then on takes everything and writes nothing.

    HDF5 brings the process down when it can write no more while it closes a file.

    Parameters
    ----------
    file : binary file
        Readable, writable and seekable. It is not closed.
    """

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self._error: OSError | None = None

    def check(self) -> None:
        """Raise the error, if there was one.

        Raises
        ------
        OSError
            As the system gave it, with the file's name.
        """
        error = self._error
        if error is not None:
            name = self._file.name if isinstance(getattr(self._file, "name", None), str) else None
            raise type(error)(error.errno, f"cannot write the weights: {error.strerror}", name) from error

    def write(self, data: Any) -> int:
        rest = memoryview(data).cast("B")
        size = len(rest)
        # an unbuffered file may take a part only, such as 2 GiB
        while rest and self._error is None:
            try:
                rest = rest[self._file.write(rest) :]
            except OSError as error:
                self._error = error
        return size

    def truncate(self, size: int | None = None) -> int:
        if self._error is None:
            try:
                self._file.truncate(size)
            except OSError as error:
                self._error = error
        return size or 0

    def flush(self) -> None:
        if self._error is None and not self.closed:
            try:
                self._file.flush()
            except OSError as error:
                self._error = error

    def readinto(self, buffer: Any) -> int:
        return self._file.readinto(buffer)  # type: ignore[attr-defined, no-any-return]  # every binary file has it

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        try:
            return self._file.seek(offset, whence)
        except OSError as error:
            # a buffered file writes first
            self._error = self._error or error
            return offset

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
