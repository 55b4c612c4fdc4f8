"""Mixed precision under its older names, ``keras.mixed_precision``."""

from dl_layers.dtype_policies import DTypePolicy, dtype_policy, set_dtype_policy
from dl_train.optimizers import LossScaleOptimizer

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy

__all__ = [
    "DTypePolicy",
    "LossScaleOptimizer",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]
