"""Transformations of functions of tensors, on any backend."""

from dl_ops.autodiff.gradients import value_and_grad

__all__ = ["value_and_grad"]
