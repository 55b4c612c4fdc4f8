"""Batches as tuples of inputs, targets and weights."""

from __future__ import annotations

from typing import Any

from dl_ops import tree
from dl_ops.objects import public


@public("keras.utils.unpack_x_y_sample_weight")
def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Inputs, targets and sample weights of a batch.

    Parameters
    ----------
    data : tuple or structure
        A tuple of one to three; anything else is inputs alone.

    Returns
    -------
    x, y, sample_weight
        ``None`` for what there is not.

    Raises
    ------
    ValueError
        If the tuple is longer.

    Examples
    --------
    >>> unpack_x_y_sample_weight((1, 2))
    (1, 2, None)
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if len(data) > 3 or not data:
        raise ValueError(f"a batch must be x, (x, y) or (x, y, sample_weight), got a tuple of {len(data)}")
    return (*data, *(None,) * (3 - len(data)))


@public("keras.utils.pack_x_y_sample_weight")
def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Tuple of what there is of inputs, targets and sample weights.

    Parameters
    ----------
    x, y, sample_weight : structure

    Returns
    -------
    any
        Inputs alone come as they are if they are no list or tuple.

    Examples
    --------
    >>> pack_x_y_sample_weight(1, 2), pack_x_y_sample_weight(1), pack_x_y_sample_weight([1])
    ((1, 2), 1, ([1],))
    """
    if y is None and sample_weight is None:
        return (x,) if tree.is_nested(x) and not isinstance(x, dict) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)
