"""Zip archives from strangers: what is in them is looked at before anything is unpacked."""

from __future__ import annotations

import io
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PureWindowsPath
from typing import IO, Final

from dl_saving import limits
from dl_saving.errors import BadFileError

_METHODS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED: Final = 0x1


class Archive:
    """Zip file opened for reading.

    Parameters
    ----------
    file : binary file
        Seekable.

    Raises
    ------
    BadFileError
        If it is no zip file or is cut off, has two members of one name, a name that leads out of the archive, a link,
        an encrypted member, a method of compression other than deflate, or members that expand beyond what a file of
        this size may.
    """

    def __init__(self, file: IO[bytes]) -> None:
        size = file.seek(0, os.SEEK_END)
        with _reading():
            self._zip = zipfile.ZipFile(file)
        self._members: dict[str, zipfile.ZipInfo] = {}
        budget = limits.expanded(size)
        for member in self._zip.infolist():
            _check(member)
            if member.filename in self._members:
                raise BadFileError(f"the archive has two members named {member.filename!r}")
            self._members[member.filename] = member
            try:
                budget.take(member.file_size, f"the archive's member {member.filename!r}")
            except ValueError as error:
                raise BadFileError(str(error)) from None

    def close(self) -> None:
        """Close the archive, and not its file."""
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """Return a member's content.

        Raises
        ------
        BadFileError
            If there is no such member, or it is damaged.
        """
        content = io.BytesIO()
        self.unpack(name, content)
        return content.getvalue()

    def unpack(self, name: str, file: IO[bytes]) -> None:
        """Write a member's content to a file.

        Raises
        ------
        BadFileError
            If there is no such member, or it is damaged.
        """
        # in blocks: read as a whole, a member that expands to more than it declares is expanded first and cut off then
        with _reading(), self._zip.open(self._member(name)) as source:
            shutil.copyfileobj(source, file, limits.MEBIBYTE)

    def unpack_folder(self, name: str, destination: str) -> None:
        """Write the members below a folder of the archive, under the names that they have in it, to an empty folder.

        Parameters
        ----------
        name : str
        destination : str

        Raises
        ------
        BadFileError
            If a member is damaged, or one needs to be a file and a folder at once.
        """
        for member in self._members:
            if not member.startswith(f"{name}/") or member.endswith("/"):
                continue
            path = os.path.join(destination, *member.removeprefix(f"{name}/").split("/"))
            try:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "xb") as file:
                    self.unpack(member, file)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                raise BadFileError(f"the archive's member {member!r} collides with another one") from None

    def _member(self, name: str) -> zipfile.ZipInfo:
        if name not in self._members:
            raise BadFileError(f"the archive has no member {name!r}")
        return self._members[name]


@contextmanager
def _reading() -> Iterator[None]:
    """Errors of damaged archives in one form."""
    try:
        yield
    except zipfile.BadZipFile as error:
        raise BadFileError(f"it is no zip archive, or is cut off or damaged: {error}") from error
    except (EOFError, NotImplementedError, OSError, OverflowError, RuntimeError, UnicodeError, zlib.error) as error:
        raise BadFileError(f"the archive is damaged: {error}") from error


def _check(member: zipfile.ZipInfo) -> None:
    name = member.filename
    parts = name.removesuffix("/").split("/")
    # a drive, a backslash or a colon leads elsewhere on Windows
    if any(part in ("", ".", "..") or PureWindowsPath(part).name != part or ":" in part for part in parts):
        raise BadFileError(f"the archive's member {name!r} has a name that is not allowed")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadFileError(f"the archive's member {name!r} is a link or device")
    if member.flag_bits & _ENCRYPTED:
        raise BadFileError(f"the archive's member {name!r} is encrypted")
    if member.compress_type not in _METHODS:
        raise BadFileError(f"the archive's member {name!r} is compressed by a method other than deflate")
