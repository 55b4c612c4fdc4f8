"""Process-wide settings: the default float, the fuzz factor, the image data format, how progress and errors are shown,
limits on training, which attention is used.
"""

from __future__ import annotations

from dl_ops.changes import changes

_FLOATX_CHOICES = ("bfloat16", "float16", "float32", "float64")
_DATA_FORMATS = ("channels_first", "channels_last")

_floatx = "float32"
_epsilon = 1e-7
_image_data_format = "channels_last"
_interactive_logging = True
_traceback_filtering = True
_flash_attention: bool | None = None
_max_epochs: int | None = None
_max_steps_per_epoch: int | None = None


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
    changes.settings += 1


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
    changes.settings += 1


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
    changes.settings += 1


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


def enable_traceback_filtering() -> None:
    """Leave this framework's own lines out of errors' tracebacks. This is the default."""
    global _traceback_filtering
    _traceback_filtering = True


def disable_traceback_filtering() -> None:
    """Show errors with their whole tracebacks.

    Examples
    --------
    >>> disable_traceback_filtering()
    >>> is_traceback_filtering_enabled()
    False
    >>> enable_traceback_filtering()
    """
    global _traceback_filtering
    _traceback_filtering = False


def is_traceback_filtering_enabled() -> bool:
    """Whether this framework's own lines are left out of errors' tracebacks."""
    return _traceback_filtering


def enable_flash_attention() -> None:
    """Use fused attention wherever a call does not say otherwise."""
    global _flash_attention
    _flash_attention = True
    changes.settings += 1


def disable_flash_attention() -> None:
    """Compute attention step by step wherever a call does not say otherwise.

    Examples
    --------
    >>> disable_flash_attention()
    >>> is_flash_attention_enabled()
    False
    """
    global _flash_attention
    _flash_attention = False
    changes.settings += 1


def is_flash_attention_enabled() -> bool | None:
    """Whether attention is fused where a call does not say; ``None``, the default, lets each backend choose."""
    return _flash_attention


def is_nnx_enabled() -> bool:
    """Return ``False``: variables are never Flax's here."""
    return False


def max_epochs() -> int | None:
    """Most epochs that a training goes through, ``None`` for no limit."""
    return _max_epochs


def set_max_epochs(max_epochs: int | None) -> None:
    """Limit every training to so many epochs, to try a program out.

    Parameters
    ----------
    max_epochs : int, optional
        ``None`` takes the limit away.

    Raises
    ------
    ValueError
        If it is not positive.

    Examples
    --------
    >>> set_max_epochs(None)
    """
    global _max_epochs
    _max_epochs = _limit("set_max_epochs(max_epochs", max_epochs)


def max_steps_per_epoch() -> int | None:
    """Most batches that an epoch, an evaluation or a prediction takes, ``None`` for no limit."""
    return _max_steps_per_epoch


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Limit every epoch, evaluation and prediction to so many batches, to try a program out.

    Parameters
    ----------
    max_steps_per_epoch : int, optional
        ``None`` takes the limit away.

    Raises
    ------
    ValueError
        If it is not positive.

    Examples
    --------
    >>> set_max_steps_per_epoch(None)
    """
    global _max_steps_per_epoch
    _max_steps_per_epoch = _limit("set_max_steps_per_epoch(max_steps_per_epoch", max_steps_per_epoch)


def _limit(what: str, value: int | None) -> int | None:
    if value is not None and (type(value) is not int or value < 1):
        raise ValueError(f"{what}={value!r}): expected a positive integer or None")
    return value


def settings_of_calls() -> tuple[object, ...]:
    """All settings that what a layer computes may depend on."""
    return _floatx, _epsilon, _image_data_format, _flash_attention
