"""What a program has set and counted, to start anew."""

from __future__ import annotations

import gc

from dl_layers.dtype_policies import set_dtype_policy
from dl_ops.naming import reset_uids
from dl_ops.random import set_global_seed


def clear_session(free_memory: bool = True) -> None:
    """Start anew: automatic names count from the beginning, the default dtype policy and the random seed are unset.

    Models and layers that exist go on working.

    Parameters
    ----------
    free_memory : bool, default True
        Whether to collect garbage at once.

    Examples
    --------
    >>> from dl_layers import Dense
    >>> clear_session()
    >>> Dense(1).name, Dense(1).name
    ('dense', 'dense_1')
    """
    reset_uids()
    set_dtype_policy(None)
    set_global_seed(None)
    if free_memory:
        gc.collect()
