"""Files that are replaced as a whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def replacing(path: str) -> Iterator[str]:
    """Write a new file beside `path` and put it into its place when the block ends well.

    Whoever opens `path` at any time, also after the process was killed or the power failed, finds the old file or the
    new one, whole. When the block raises, the new file is removed and the old one stays.

    Parameters
    ----------
    path : str
        If it is a symbolic link, what it points to is replaced. Permissions of a file that is replaced are kept.

    Yields
    ------
    str
        Path of an empty file in the same folder, to be written and closed.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    IsADirectoryError
        If `path` is a folder.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = pathlib.Path(folder, "greeting")
    ...     with replacing(str(target)) as temporary:
    ...         _ = pathlib.Path(temporary).write_text("hello")
    ...     target.read_text(), len(list(target.parent.iterdir()))
    ('hello', 1)
    """
    target = os.path.realpath(path)
    if os.path.isdir(target):
        raise IsADirectoryError(f"cannot write the file {path!r}: there is a folder of that name")
    folder, name = os.path.split(target)
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"cannot write {path!r}: there is no folder {folder!r}")
    # short, since names have a limit; open() leaves permissions to the umask, which tempfile does not
    temporary = os.path.join(folder, f".{name[:64]}.{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb"):
            pass
        yield temporary
        with contextlib.suppress(FileNotFoundError):
            shutil.copymode(target, temporary)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)
        raise
    _sync_folder(folder)


def remove_leftovers(path: str) -> None:
    """Remove what processes that were killed while they wrote `path` have left beside it.

    Parameters
    ----------
    path : str
        That nobody is writing now.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in (".model.keras.0123456789abcdef.tmp", ".model.tmp"):
    ...         pathlib.Path(folder, name).touch()
    ...     remove_leftovers(f"{folder}/model.keras")
    ...     os.listdir(folder)
    ['.model.tmp']
    """
    folder, name = os.path.split(os.path.realpath(path))
    if not os.path.isdir(folder):
        return
    temporary = re.compile(rf"{re.escape(f'.{name[:64]}.')}[0-9a-f]{{16}}\.tmp")
    for other in os.listdir(folder):
        if temporary.fullmatch(other):
            with contextlib.suppress(FileNotFoundError):
                os.remove(os.path.join(folder, other))


def _sync_folder(folder: str) -> None:
    """Make the new name last, where the system has a way to; the file is whole in any case."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
