"""Layers for the frameworks' own programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dl_layers.interop.flax_extra import require_flax
from dl_layers.layer import Layer

if TYPE_CHECKING:
    from dl_layers.interop.jax_function import JaxFunction
    from dl_layers.interop.torch_module import LayerModule as TorchModule


def as_torch_module(layer: Layer) -> TorchModule:
    """Layer or model as a ``torch.nn.Module`` with the same weights.

    Nothing is copied. Parameters, trainable weights, and buffers, the others, have names from the weights' paths:
    ``encoder.dense.kernel``. What either side does to them the other sees: training by an optimizer of PyTorch or by
    ``fit()``, ``load_state_dict()``, ``to(device)``, ``torch.func.functional_call()``. The module's mode is the
    layer's training flag. Seeds of dropout stay in the layer, and other dtypes than the layer's are refused.

    Parameters
    ----------
    layer : Layer
        A built one of the PyTorch backend.

    Returns
    -------
    torch.nn.Module

    Raises
    ------
    TypeError
        If `layer` is no layer.
    ValueError
        If it is not built, or belongs to another backend.

    Examples
    --------
    >>> module = as_torch_module(model)  # doctest: +SKIP
    >>> optimizer = torch.optim.AdamW(module.parameters())  # doctest: +SKIP
    """
    from dl_layers.interop.torch_module import LayerModule

    return LayerModule(layer)


def as_tf_module(layer: Layer) -> Any:
    """Layer or model as a ``tf.Module`` with the same variables.

    Nothing is copied: both sides have the same ``tf.Variable`` objects, which ``tf.GradientTape`` watches,
    ``tf.train.Checkpoint`` saves and ``tf.saved_model.save`` exports. Attributes have names from the weights' paths.

    Parameters
    ----------
    layer : Layer
        A built one of the TensorFlow backend.

    Returns
    -------
    tf.Module
        ``module(x, training=True)`` calls the layer.

    Raises
    ------
    TypeError
        If `layer` is no layer.
    ValueError
        If it is not built, or belongs to another backend.

    Examples
    --------
    >>> module = as_tf_module(model)  # doctest: +SKIP
    >>> tape.gradient(loss, module.trainable_variables)  # doctest: +SKIP
    """
    from dl_layers.interop.tf_module import LayerModule

    return LayerModule(layer)


def as_jax_function(layer: Layer) -> JaxFunction:
    """Layer or model as a pure function of its parameters, for JAX's transformations and libraries.

    JAX's arrays do not change, so nothing is shared: `params` and `state` begin as copies of the layer's values, and
    ``write_back(params, state)`` gives it new ones.

    Parameters
    ----------
    layer : Layer
        A built one of the JAX backend.

    Returns
    -------
    JaxFunction
        A named tuple ``(params, state, apply, write_back)``. `params` has the trainable weights in dictionaries, nested
        by the parts of their paths, `state` all other variables, seeds of dropout among them. ``apply(params, state,
        *args, **kwargs)`` gives outputs and new state, and with ``return_losses=True`` the layer's losses too.

    Raises
    ------
    TypeError
        If `layer` is no layer.
    ValueError
        If it is not built, or belongs to another backend; from `apply` and `write_back` if values are missing or too
        many.

    Examples
    --------
    >>> params, state, apply, write_back = as_jax_function(model)  # doctest: +SKIP
    >>> gradients = jax.grad(lambda params: loss(apply(params, state, x, training=True)[0]))(params)  # doctest: +SKIP
    """
    from dl_layers.interop.jax_function import as_jax_function

    return as_jax_function(layer)


def as_nnx_module(layer: Layer) -> Any:
    """Layer or model as a module of Flax NNX.

    Trainable weights are ``nnx.Param``, all other variables, seeds of dropout among them, another ``nnx.Variable``,
    in groups named after the parts of their paths. JAX's arrays do not change, so nothing is shared: the module's
    variables begin as copies of the layer's values, and ``module.write_back()`` gives it the module's.

    Parameters
    ----------
    layer : Layer
        A built one of the JAX backend.

    Returns
    -------
    nnx.Module
        ``module(x, training=True)`` calls the layer on the module's values.

    Raises
    ------
    ImportError
        If Flax is not installed.
    TypeError
        If `layer` is no layer.
    ValueError
        If it is not built, or belongs to another backend.

    Examples
    --------
    >>> module = as_nnx_module(model)  # doctest: +SKIP
    >>> optimizer = nnx.Optimizer(module, optax.adam(1e-3), wrt=nnx.Param)  # doctest: +SKIP
    """
    require_flax("as_nnx_module()")
    from dl_layers.interop.nnx_module import LayerModule

    return LayerModule(layer)
