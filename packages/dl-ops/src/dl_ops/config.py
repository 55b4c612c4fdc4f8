"""Process-wide defaults: the default float, the fuzz factor, the image data format, whether progress is interactive."""

from __future__ import annotations

_FLOATX_CHOICES = ("bfloat16", "float16", "float32", "float64")
_DATA_FORMATS = ("channels_first", "channels_last")

_floatx = "float32"
_epsilon = 1e-7
_image_data_format = "channels_last"
_interactive_logging = True


def floatx() -> str:
    """Return the default float dtype.

    Examples
    --------
    >>> floatx()
    'float32'
    """
    return _floatx


def set_floatx(value: str) -> None:
    """Set the default float dtype.

    Parameters
    ----------
    value : {"bfloat16", "float16", "float32", "float64"}

    Raises
    ------
    ValueError
        If `value` is none of these.
    """
    global _floatx
    if value not in _FLOATX_CHOICES:
        raise ValueError(f"set_floatx(value={value!r}): expected one of {', '.join(_FLOATX_CHOICES)}")
    _floatx = str(value)


def epsilon() -> float:
    """Return the fuzz factor that keeps divisions and logarithms finite.

    Examples
    --------
    >>> epsilon()
    1e-07
    """
    return _epsilon


def set_epsilon(value: float) -> None:
    """Set the fuzz factor.

    Parameters
    ----------
    value : float
        A small positive number.
    """
    global _epsilon
    _epsilon = float(value)


def image_data_format() -> str:
    """Return the default image layout, ``"channels_last"`` or ``"channels_first"``."""
    return _image_data_format


def set_image_data_format(data_format: str) -> None:
    """Set the default image layout.

    Parameters
    ----------
    data_format : {"channels_first", "channels_last"}

    Raises
    ------
    ValueError
        If `data_format` is neither.
    """
    global _image_data_format
    if data_format not in _DATA_FORMATS:
        raise ValueError(
            f"set_image_data_format(data_format={data_format!r}): expected one of {', '.join(_DATA_FORMATS)}"
        )
    _image_data_format = str(data_format)


def standardize_data_format(data_format: str | None) -> str:
    """Return `data_format`, or the default one for ``None``; a ``ValueError`` for anything else."""
    if data_format is None:
        return _image_data_format
    if data_format not in _DATA_FORMATS:
        raise ValueError(f"data_format={data_format!r}: expected one of {', '.join(_DATA_FORMATS)}")
    return data_format


def enable_interactive_logging() -> None:
    """Show progress that moves, a bar, where there is a terminal. This is the default."""
    global _interactive_logging
    _interactive_logging = True


def disable_interactive_logging() -> None:
    """Show progress in lines, as a log file is best served, also where there is a terminal.

    Examples
    --------
    >>> disable_interactive_logging()
    >>> is_interactive_logging_enabled()
    False
    >>> enable_interactive_logging()
    """
    global _interactive_logging
    _interactive_logging = False


def is_interactive_logging_enabled() -> bool:
    """Whether progress may move where there is a terminal."""
    return _interactive_logging
