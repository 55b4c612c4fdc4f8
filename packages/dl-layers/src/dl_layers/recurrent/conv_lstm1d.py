"""Long short-term memory over sequences of sequences."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import CommonOptions
from dl_layers.recurrent.conv_lstm import ConvLSTM
from dl_ops.objects import public


@public("keras.layers.ConvLSTM1D")
class ConvLSTM1D(ConvLSTM):
    """Long short-term memory over sequences of sequences: as `LSTM`, with convolutions in the place of matrix products.

    Shapes: ``(batch, steps, points, channels) -> (batch, new_points, filters)``, with an axis
    of steps too if `return_sequences`, or with the channels before the points. The kernels are
    ``(*kernel_size, channels, 4 * filters)`` and ``(*kernel_size, filters, 4 * filters)``, the bias ``(4 * filters,)``.

    Parameters
    ----------
    filters : int
        Number of channels of the output and of each state.
    kernel_size : int
        Size of both kernels.
    strides, padding, data_format, dilation_rate, activation, recurrent_activation, use_bias
        As for `ConvLSTM2D`, for one axis.
    kernel_initializer, recurrent_initializer, bias_initializer, unit_forget_bias, kernel_regularizer
        As for `ConvLSTM2D`.
    recurrent_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, recurrent_constraint
        As for `ConvLSTM2D`.
    bias_constraint, dropout, recurrent_dropout, seed, return_sequences, return_state, go_backwards, stateful
        As for `ConvLSTM2D`.
    **options
        As for `ConvLSTM2D`.

    Raises
    ------
    ValueError
        If an argument is out of range, or strides and dilation are both used.

    References
    ----------
    Shi et al., "Convolutional LSTM Network: A Machine Learning Approach for Precipitation Nowcasting",
    arXiv:1506.04214; without its connections from the memory to the gates.

    Examples
    --------
    >>> from dl_ops import ops
    >>> ConvLSTM1D(4, 3)(ops.ones((2, 5, 8, 3))).shape
    (2, 6, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(
            1, filters, kernel_size, strides, padding, data_format, dilation_rate, activation, recurrent_activation,
            use_bias, kernel_initializer, recurrent_initializer, bias_initializer, unit_forget_bias,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer, kernel_constraint,
            recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed, return_sequences, return_state,
            go_backwards, stateful, **options,
        )  # fmt: skip
