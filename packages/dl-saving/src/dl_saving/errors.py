"""Errors of files: what they are, and which file they are about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_KINDS: tuple[type[Exception], ...] = (ImportError, TypeError, NotImplementedError, ValueError)


class BadFileError(ValueError):
    """A file is damaged, of another format, or asks for what no model file needs.

    Unlike weights that do not fit, this is never skipped.
    """


@contextmanager
def about(path: str) -> Iterator[None]:
    """Put the file's name before the message of every error inside.

    Errors of a kind that says nothing to whoever loads a file, such as a ``KeyError`` for what a config lacks, become a
    ``ValueError``; the first error stays its cause.

    Parameters
    ----------
    path : str

    Examples
    --------
    >>> with about("model.keras"):
    ...     {"name": "dense"}["units"]
    Traceback (most recent call last):
        ...
    ValueError: cannot load 'model.keras': KeyError: 'units'
    """
    try:
        yield
    except BadFileError as error:
        raise BadFileError(f"cannot load {path!r}: {error}") from error
    except _KINDS as error:
        kind = next(kind for kind in _KINDS if isinstance(error, kind))
        raise kind(f"cannot load {path!r}: {error}") from error
    except RecursionError as error:
        raise BadFileError(f"cannot load {path!r}: it is nested too deeply") from error
    except Exception as error:
        raise ValueError(f"cannot load {path!r}: {type(error).__name__}: {error}") from error
