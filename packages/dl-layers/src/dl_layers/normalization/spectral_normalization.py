"""Spectral normalization of a layer's weights."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import initializers
from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.validation import positive_integer
from dl_layers.wrappers.wrapper import Wrapper
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.scopes import AutocastScope
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.SpectralNormalization")
class SpectralNormalization(Wrapper):
    """Layer whose kernel is divided by its largest singular value at each training step.

    The kernel is taken as a matrix with a column for each output. Its singular value is estimated by power iteration,
    from the vector that the last step ended with. What is divided is the variable itself, so that inference and files
    need no more.

    Parameters
    ----------
    layer : Layer
        A layer with a `kernel`, such as `Dense` or `Conv2D`, or with `embeddings`.
    power_iterations : int, default 1
        Iterations a step.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `power_iterations` is not a positive integer, or the layer has neither `kernel` nor `embeddings`.

    References
    ----------
    Miyato et al., "Spectral Normalization for Generative Adversarial Networks", arXiv:1802.05957.

    Examples
    --------
    >>> from dl_layers import Dense
    >>> layer = SpectralNormalization(Dense(2, kernel_initializer="identity"))
    >>> layer.build((None, 2))
    >>> layer.layer.kernel.assign([[4.0, 0.0], [0.0, 4.0]]).tolist()
    [[4.0, 0.0], [0.0, 4.0]]
    >>> layer(ops.ones((1, 2)), training=True).round(3).tolist()
    [[1.0, 1.0]]
    """

    kernel: Variable
    vector_u: Variable

    def __init__(self, layer: Layer, power_iterations: int = 1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(layer, **options)
        self.power_iterations = positive_integer(power_iterations, "power_iterations", self)
        self.supports_masking = True

    def build(self, input_shape: Shape | None = None) -> None:
        super().build(input_shape)
        # the inner layer's variable is this layer's first weight too, in files
        named = (getattr(self.layer, name, None) for name in ("kernel", "embeddings"))
        kernel = next((found for found in named if isinstance(found, Variable)), None)
        if kernel is None:
            raise ValueError(
                f"SpectralNormalization {self.name!r}: {type(self.layer).__name__} {self.layer.name!r} has neither a "
                "'kernel' nor 'embeddings'"
            )
        self.kernel = kernel
        self.vector_u = self.add_weight(
            (1, kernel.shape[-1]),
            initializers.TruncatedNormal(stddev=0.02),
            dtype=kernel.dtype,
            trainable=False,
            autocast=False,
            name="vector_u",
        )

    def call(self, inputs: Tensor, training: bool | None = False) -> Any:
        """Divide the kernel, if `training` is true, and call the layer."""
        if training:
            # in 16 bits the division would round the variable
            with AutocastScope(None):
                vector_u, kernel = self.normalized_weights()
                self.vector_u.assign(vector_u)
                self.kernel.assign(kernel)
        return ops.cast(self.layer(inputs), self.compute_dtype)

    def normalized_weights(self) -> tuple[Tensor, Tensor]:
        """Return the next `vector_u`, and the kernel divided by its largest singular value; both as they are if the
        kernel is zero.
        """
        matrix = ops.reshape(self.kernel, (-1, self.kernel.shape[-1]))
        u: Any = self.vector_u.value
        for _ in range(self.power_iterations):
            v = ops.normalize(ops.matmul(u, ops.transpose(matrix)))
            u = ops.normalize(ops.matmul(v, matrix))
        u, v = ops.stop_gradient(u), ops.stop_gradient(v)
        largest = ops.sum(ops.multiply(ops.matmul(v, matrix), u))
        is_zero = ops.logical_not(ops.any(ops.not_equal(matrix, 0)))
        kernel = ops.divide(self.kernel, ops.where(is_zero, 1.0, largest))
        return ops.where(is_zero, self.vector_u, u), kernel

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The wrapped layer's mask."""
        return self.layer.compute_mask(inputs, previous_mask)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shape: Shape = self.layer.compute_output_shape(input_shape)
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power_iterations": self.power_iterations}
