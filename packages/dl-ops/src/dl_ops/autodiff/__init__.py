"""Transformations of functions of tensors: derivatives, gradients of one's own, vectorization."""

from dl_ops.autodiff.checkpoints import remat
from dl_ops.autodiff.custom import custom_gradient
from dl_ops.autodiff.gradients import grad, value_and_grad
from dl_ops.autodiff.jacobians import hessian, jacobian
from dl_ops.autodiff.products import jvp, vjp
from dl_ops.autodiff.vectorization import vmap

__all__ = ["custom_gradient", "grad", "hessian", "jacobian", "jvp", "remat", "value_and_grad", "vjp", "vmap"]
