"""Affine map written as an Einstein sum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

from dl_layers import activations, regularizers
from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import sizes
from dl_layers.quantization import Layout, Quantizable
from dl_ops import ops
from dl_ops.nn.affine import affine
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


class _Plan(NamedTuple):
    """Shapes that follow from an equation and an input shape."""

    kernel: tuple[int, ...]
    bias: tuple[int, ...] | None
    output: Shape


def _letters(equation: str) -> tuple[str, str, str]:
    """Letters of the input, the kernel and the output."""
    if not isinstance(equation, str):
        raise ValueError(f"EinsumDense(equation={equation!r}): expected a string")
    left, arrow, output = equation.replace(" ", "").partition("->")
    inputs, comma, kernel = left.partition(",")
    if not arrow or not comma or "..." in kernel or ("..." in inputs) != ("..." in output):
        raise ValueError(
            f"EinsumDense(equation={equation!r}): expected 'input,kernel->output' with letters, "
            "and an ellipsis in both input and output or in neither"
        )
    return inputs, kernel, output


def _plan(equation: str, bias_axes: str | None, input_shape: Shape, output_shape: Sequence[int | None]) -> _Plan:
    """Work out the shapes.

    Parameters
    ----------
    equation : str
        Such as ``"abc,cd->abd"``; both the input and the output may have an ellipsis at one end.
    bias_axes : str, optional
        Letters of the output that the bias has.
    input_shape : tuple
    output_shape : sequence of int or None
        Without the batch axis, or without what the ellipsis stands for.
    """
    inputs, kernel, output = _letters(equation)
    sizes: dict[str, int | None] = {}
    if "..." in inputs:
        front, _, back = inputs.partition("...")
        hidden = len(input_shape) - len(front) - len(back)
        if hidden < 0:
            raise ValueError(f"EinsumDense(equation={equation!r}): the input has {len(input_shape)} axes, too few")
        sizes |= dict(zip(front, input_shape, strict=False))
        sizes |= dict(zip(back, input_shape[len(input_shape) - len(back) :], strict=True))
        start = len(front)
        elided = input_shape[start : start + hidden]
        output_letters = output.replace("...", "")
    else:
        if len(inputs) != len(input_shape):
            raise ValueError(
                f"EinsumDense(equation={equation!r}): the equation has {len(inputs)} input axes, "
                f"the input has {len(input_shape)}"
            )
        sizes |= dict(zip(inputs, input_shape, strict=True))
        elided, output_letters = (), output
    # sizes given for the output are those of its last letters
    given = dict(zip(reversed(output_letters), reversed(tuple(output_shape)), strict=False))
    for letter, size in given.items():
        known = sizes.get(letter)
        if size is not None and known is not None and known != size:
            raise ValueError(
                f"EinsumDense(output_shape={tuple(output_shape)}): axis {letter!r} of {equation!r} "
                f"has size {known} in the input"
            )
        sizes[letter] = size if size is not None else known
    unknown = [letter for letter in kernel if sizes.get(letter) is None]
    if unknown:
        raise ValueError(
            f"EinsumDense(equation={equation!r}): the size of kernel axis {unknown[0]!r} is unknown "
            f"for input shape {input_shape}"
        )
    kernel_shape = tuple(sizes[letter] or 0 for letter in kernel)
    bias = None
    if bias_axes is not None:
        stray = [letter for letter in bias_axes if letter not in output_letters]
        if stray:
            raise ValueError(
                f"EinsumDense(bias_axes={bias_axes!r}): {stray[0]!r} is no axis of the output of {equation!r}"
            )
        first = min(output_letters.index(letter) for letter in bias_axes)
        bias = tuple((sizes[letter] or 0) if letter in bias_axes else 1 for letter in output_letters[first:])
    front_letters, _, back_letters = output.partition("...")
    if "..." in output:
        result = (*(sizes[a] for a in front_letters), *elided, *(sizes[a] for a in back_letters))
    else:
        result = tuple(sizes[letter] for letter in output)
    return _Plan(kernel_shape, bias, result)


def _affine_axes(equation: str, plan: _Plan) -> int:
    """Number of the inputs' last axes that are summed over with the kernel's first, if that is all and a bias is added
    to all other axes of the kernel; else 0.
    """
    inputs, kernel, output = _letters(equation)
    summed = "".join(letter for letter in kernel if letter not in output)
    rest = kernel[len(summed) :]
    if not (summed and rest and kernel.startswith(summed) and inputs.endswith(summed)):
        return 0
    fits = output == inputs.removesuffix(summed) + rest and plan.bias == plan.kernel[len(summed) :]
    return len(summed) if fits else 0


@public("keras.layers.EinsumDense")
class EinsumDense(Quantizable, NamedWeights, Layer):
    """Affine map of any axes: ``activation(einsum(equation, x, kernel) + bias)``.

    Parameters
    ----------
    equation : str
        Such as ``"abc,cd->abd"``: letters of the input, the kernel and the output. An ellipsis at an end of both
        the input and the output stands for any further axes.
    output_shape : int or sequence of int or None
        Sizes of the output's last axes; ``None`` for those that the input has.
    activation : str or callable, optional
    bias_axes : str, optional
        Letters of the output that the bias has; without them there is none.
    kernel_initializer, bias_initializer : str, dict, callable or Initializer
    kernel_regularizer, bias_regularizer : str, dict, callable or Regularizer, optional
    kernel_constraint, bias_constraint : str, dict, callable or Constraint, optional
    lora_rank : int, optional
        Size of two small matrices that are trained instead of the kernel: see `enable_lora`.
    lora_alpha : float, optional
        Factor of their product, divided by the rank.
    quantization_config : QuantizationConfig, optional
        How `quantize` keeps the kernel in fewer bits.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If the equation does not fit the shapes.

    Examples
    --------
    >>> layer = EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de")
    >>> layer(ops.ones((4, 5, 6))).shape, layer.kernel.shape, layer.bias.shape
    ((4, 5, 2, 3), (6, 2, 3), (2, 3))
    """

    _kernel: Variable
    bias: Variable | None

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self._set_precision(lora_rank, lora_alpha, quantization_config)
        self.equation, self.bias_axes = equation, bias_axes
        _letters(equation)
        self.partial_output_shape = sizes(output_shape, "output_shape", self, unknown=True)
        self.activation = activations.get(activation)
        self.set_weight_options(
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
        )

    def build(self, input_shape: Shape) -> None:
        plan = _plan(self.equation, self.bias_axes, tuple(input_shape), self.partial_output_shape)
        self._rank = len(input_shape)
        self._add_kernels(plan.kernel)
        self.bias = None if plan.bias is None else self.add_named_weight("bias", plan.bias)
        self._affine_axes = _affine_axes(self.equation, plan)
        self._enable_given_rank()

    @property
    def kernel(self) -> Any:
        """The kernel: a variable; the integers of a quantized layer; with an update of low rank, their sum."""
        return self._current_kernel()

    def call(self, inputs: Tensor) -> Tensor:
        if self._affine_axes and not self._altered:
            y = affine(inputs, self._kernel, self.bias, self._affine_axes)  # type: ignore[arg-type]  # there is one
        else:
            y = self._altered_product(inputs) if self._altered else ops.einsum(self.equation, inputs, self._kernel)
            y = y if self.bias is None else ops.add(y, self.bias)
        return y if self.activation is activations.linear else self.activation(y)

    def _layouts(self, shape: tuple[int, ...]) -> tuple[Layout, ...]:
        inputs, kernel, output = _letters(self.equation)
        summed = tuple(i for i, letter in enumerate(kernel) if letter not in output)
        hidden = self._rank - len(inputs.replace("...", ""))
        if "..." in output:
            # scales are aligned with the last axes of outputs, so that those in front may be any number
            front, _, back = output.partition("...")
            output = back if not any(letter in kernel for letter in front) else f"{front}{' ' * hidden}{back}"
        scale_axes = tuple(kernel.index(letter) if letter in kernel else None for letter in output)
        layout = Layout("kernel", shape, summed, self._summed_inputs(), scale_axes, (0, 0))
        return (layout._replace(matrix=(layout.rows, layout.columns)),)

    def _summed_inputs(self) -> tuple[int, ...]:
        """Axes of the inputs that are summed over, counted from the end."""
        inputs, _, output = _letters(self.equation)
        front, _, back = inputs.partition("...") if "..." in inputs else ("", "", inputs)
        before = [i - self._rank for i, letter in enumerate(front) if letter not in output]
        return (*before, *(i - len(back) for i, letter in enumerate(back) if letter not in output))

    def _product(self, inputs: Any, kernel: Any, name: str) -> Tensor:
        return ops.einsum(self.equation, inputs, kernel)

    def _product_gradient(self, upstream: Tensor, kernel: Tensor, name: str, inputs: Tensor) -> Tensor:
        letters, kernel_letters, output = _letters(self.equation)
        alone = [
            i for i, a in zip(self._summed_letters(), self._summed_inputs(), strict=True) if i not in kernel_letters
        ]
        found = "".join(letter for letter in letters if letter not in alone)
        gradient = ops.einsum(f"{output},{kernel_letters}->{found}", upstream, kernel)
        for axis in [a for i, a in zip(self._summed_letters(), self._summed_inputs(), strict=True) if i in alone]:
            gradient = ops.expand_dims(gradient, axis)
        return ops.broadcast_to(gradient, ops.shape(inputs)) if alone else gradient

    def _summed_letters(self) -> list[str]:
        inputs, _, output = _letters(self.equation)
        return [letter for letter in inputs if letter != "." and letter not in output]

    def _spread(self, scale: Tensor) -> Tensor:
        inputs, kernel, output = _letters(self.equation)
        kept = "".join(letter for letter in inputs if letter in output)
        new = "".join(letter for letter in kernel if letter in output and letter not in inputs)
        scale = ops.squeeze(scale, self._summed_inputs()) if self._summed_inputs() else scale
        return ops.einsum(f"{kept},{new}->{output}", scale, ops.ones((1,) * len(new), scale.dtype))

    def _as_rows(self, inputs: Any) -> Any:
        _, kernel, output = _letters(self.equation)
        letters = self._summed_letters()
        if any(letter in output and letter in _letters(self.equation)[0] for letter in kernel):
            raise ValueError(
                f"EinsumDense {self.name!r}: examples of inputs cannot be used where the kernel has an axis that is "
                f"the inputs' and the outputs' too: {self.equation!r}"
            )
        # in the order that the kernel sums over them
        axes = dict(zip(letters, self._summed_inputs(), strict=True))
        order = [axes[letter] for letter in kernel if letter in axes]
        moved = ops.moveaxis(inputs, order, list(range(-len(order), 0)))
        return ops.reshape(moved, (-1, math.prod(moved.shape[-len(order) :])))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return _plan(self.equation, self.bias_axes, tuple(input_shape), self.partial_output_shape).output

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "output_shape": self.partial_output_shape,
            "equation": self.equation,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            **self.weight_config(),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            **self._precision_config(),
        }
