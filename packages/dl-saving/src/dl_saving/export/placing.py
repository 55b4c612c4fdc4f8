"""Programs of several files, or folders, put into their place when they are complete."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager


@contextmanager
def replacing_files(path: str) -> Iterator[str]:
    """Write a file, and whatever belongs to it, in a folder of its own, and move them to `path` and beside it.

    `path` itself comes last, so that whoever finds the new one finds all that belongs to it. When the block raises,
    nothing is moved.

    Parameters
    ----------
    path : str

    Yields
    ------
    str
        Path of the same name in the new folder.

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
    ...     with replacing_files(f"{folder}/net.xml") as temporary:
    ...         _ = pathlib.Path(temporary).write_text("graph")
    ...         _ = pathlib.Path(temporary).with_suffix(".bin").write_text("weights")
    ...     sorted(os.listdir(folder))
    ['net.bin', 'net.xml']
    """
    target = os.path.realpath(path)
    if os.path.isdir(target):
        raise IsADirectoryError(f"cannot write the file {path!r}: there is a folder of that name")
    with _beside(target, path) as temporary:
        os.mkdir(temporary)
        main = os.path.join(temporary, os.path.basename(target))
        yield main
        for name in sorted(os.listdir(temporary), key=lambda name: name == os.path.basename(target)):
            os.replace(os.path.join(temporary, name), os.path.join(os.path.dirname(target), name))


@contextmanager
def replacing_folder(path: str, may_have: Collection[str]) -> Iterator[str]:
    """Write a new folder beside `path` and put it into its place when the block ends well.

    Parameters
    ----------
    path : str
    may_have : collection of str
        Names in a folder that is replaced. One with others in it is left alone.

    Yields
    ------
    str
        Path in the same folder, where nothing is yet.

    Raises
    ------
    FileNotFoundError
        If there is no folder for it.
    FileExistsError
        If there is a file, or a folder with other things in it.
    """
    target = os.path.realpath(path)
    if os.path.exists(target):
        if not os.path.isdir(target):
            raise FileExistsError(f"cannot write the folder {path!r}: there is a file of that name")
        if others := sorted(set(os.listdir(target)) - set(may_have)):
            raise FileExistsError(f"cannot replace the folder {path!r}: it has {', '.join(map(repr, others))} in it")
    with _beside(target, path) as temporary:
        yield temporary
        if os.path.isdir(target):
            with _beside(target, path) as old:
                os.replace(target, old)
                try:
                    os.replace(temporary, target)
                except OSError:
                    os.replace(old, target)
                    raise
        else:
            os.replace(temporary, target)


@contextmanager
def _beside(target: str, path: str) -> Iterator[str]:
    """A name for a folder beside another, which is removed afterwards if it is still there."""
    folder, name = os.path.split(target)
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"cannot write {path!r}: there is no folder {folder!r}")
    temporary = os.path.join(folder, f".{name[:64]}.{secrets.token_hex(8)}.tmp")
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
