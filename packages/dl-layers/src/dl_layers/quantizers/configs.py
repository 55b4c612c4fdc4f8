"""How a layer or a model is to be quantized."""

from __future__ import annotations

from typing import Any, Final

from dl_layers.quantizers.abs_max import AbsMaxQuantizer, Quantizer
from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object


@public("keras.quantizers.QuantizationConfig")
class QuantizationConfig:
    """Base of configurations: a mode and the quantizers of kernels and inputs.

    Parameters
    ----------
    weight_quantizer, activation_quantizer : Quantizer or dict, optional
        ``None`` leaves it to the layer how kernels are quantized, and does not quantize inputs.
    """

    def __init__(self, weight_quantizer: Any = None, activation_quantizer: Any = None) -> None:
        self.weight_quantizer = _quantizer(weight_quantizer, "weight_quantizer", self)
        self.activation_quantizer = _quantizer(activation_quantizer, "activation_quantizer", self)

    @property
    def mode(self) -> str:
        """Kind of quantization; subclasses define it."""
        raise NotImplementedError(
            f"{type(self).__name__} does not define mode: use a subclass such as Int8QuantizationConfig"
        )

    def dtype_policy_string(self) -> str:
        """First part of the dtype policy's name of a layer that is quantized so."""
        return self.mode

    @staticmethod
    def weight_quantizer_or_default(config: QuantizationConfig | None, default: Any) -> Any:
        """Quantizer of kernels that a configuration has, or else `default`."""
        return default if config is None or config.weight_quantizer is None else config.weight_quantizer

    @staticmethod
    def activation_quantizer_or_default(config: QuantizationConfig | None, default: Any) -> Any:
        """Quantizer of inputs that a configuration says, which may be ``None``; `default` without a configuration."""
        return default if config is None else config.activation_quantizer

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` makes an equal configuration from."""
        return {
            "weight_quantizer": _serialized(self.weight_quantizer),
            "activation_quantizer": _serialized(self.activation_quantizer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make an object from its configuration."""
        return cls(**config)

    def _require_dtype(self, dtype: str) -> None:
        for name in ("weight_quantizer", "activation_quantizer"):
            quantizer = getattr(self, name)
            if isinstance(quantizer, Quantizer) and quantizer.output_dtype != dtype:
                raise ValueError(
                    f"{type(self).__name__}({name}): expected output_dtype {dtype!r}, got {quantizer.output_dtype!r}"
                )


def _quantizer(value: Any, name: str, config: QuantizationConfig) -> Any:
    from dl_layers.quantizers import get

    try:
        return get(value)
    except ValueError as error:
        raise ValueError(f"{type(config).__name__}({name}={value!r}): {error}") from None


def _serialized(quantizer: Any) -> Any:
    return None if quantizer is None else serialize_keras_object(quantizer)


def _default_activations(given: Any) -> Any:
    return AbsMaxQuantizer() if isinstance(given, str) and given == "default" else given


@public("keras.quantizers.Int8QuantizationConfig")
class Int8QuantizationConfig(QuantizationConfig):
    """Kernels, and by default inputs, of 8 bits.

    Parameters
    ----------
    weight_quantizer : Quantizer or dict, optional
        By default the largest magnitude of a channel becomes 127.
    activation_quantizer : Quantizer, dict, None or "default"
        By default each example's largest magnitude becomes 127; with ``None`` inputs stay as they are.

    Raises
    ------
    ValueError
        If a quantizer gives no int8.
    """

    def __init__(self, weight_quantizer: Any = None, activation_quantizer: Any = "default") -> None:
        super().__init__(weight_quantizer, _default_activations(activation_quantizer))
        self._require_dtype("int8")

    @property
    def mode(self) -> str:
        return "int8"


@public("keras.quantizers.Int4QuantizationConfig")
class Int4QuantizationConfig(QuantizationConfig):
    """Kernels of 4 bits.

    Parameters
    ----------
    weight_quantizer : Quantizer or dict, optional
        By default the largest magnitude of a channel becomes 7.
    activation_quantizer : Quantizer, dict, None or "default"
        By default inputs stay as they are.
    block_size : int, optional
        How many of a kernel's inputs share a scale and a zero point; ``None`` or -1 for one scale a channel.

    Raises
    ------
    ValueError
        If `block_size` is no such number, or blocks and a quantizer are both asked for.
    """

    def __init__(
        self, weight_quantizer: Any = None, activation_quantizer: Any = "default", block_size: int | None = 128
    ) -> None:
        given = activation_quantizer == "default" if isinstance(activation_quantizer, str) else False
        super().__init__(weight_quantizer, None if given else activation_quantizer)
        self._require_dtype("int8")
        size: Any = block_size
        if size is not None and (isinstance(size, bool) or not isinstance(size, int) or (size < 1 and size != -1)):
            raise ValueError(
                f"Int4QuantizationConfig(block_size={block_size!r}): expected a positive integer, -1 or None"
            )
        if block_size not in (None, -1) and (self.weight_quantizer or self.activation_quantizer):
            raise ValueError(
                f"Int4QuantizationConfig(block_size={block_size}): blocks have their own way to quantize: "
                "leave the quantizers out, or set block_size=None"
            )
        self.block_size = block_size

    @property
    def mode(self) -> str:
        return "int4"

    def dtype_policy_string(self) -> str:
        return f"int4/{self.block_size or -1}"

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "block_size": self.block_size}


@public("keras.quantizers.Float8QuantizationConfig")
class Float8QuantizationConfig(QuantizationConfig):
    """Products of 8-bit floats, with scales learned during training."""

    def __init__(self) -> None:
        super().__init__()

    @property
    def mode(self) -> str:
        return "float8"

    def get_config(self) -> dict[str, Any]:
        return {}


def _count(value: Any, name: str, config: QuantizationConfig, *, group: bool = False) -> int:
    allowed = value == -1 if group else False
    if isinstance(value, bool) or not isinstance(value, int) or (value < 1 and not allowed):
        wanted = "a positive integer, or -1 for no groups" if group else "a positive integer"
        raise ValueError(f"{type(config).__name__}({name}={value!r}): expected {wanted}")
    return value


def _structure(value: Any, config: QuantizationConfig) -> Any:
    if value is not None and (not isinstance(value, dict) or "sequential_blocks" not in value):
        raise ValueError(
            f"{type(config).__name__}(quantization_layer_structure={value!r}): expected a dictionary with "
            "'pre_block_layers' and 'sequential_blocks'"
        )
    return value


_GROUP_BITS: Final = (2, 3, 4, 8)


class _Calibrated(QuantizationConfig):
    """What configurations with examples of inputs have in common."""

    dataset: Any
    tokenizer: Any
    weight_bits: int
    num_samples: int
    sequence_length: int
    group_size: int
    quantization_layer_structure: Any

    def dtype_policy_string(self) -> str:
        return f"{self.mode}/{self.weight_bits}/{self.group_size}"

    def _own_config(self, *names: str) -> dict[str, Any]:
        # examples, functions and layers are not written: what has been quantized no longer needs them
        return {
            "dataset": None,
            "tokenizer": None,
            **{name: getattr(self, name) for name in names},
            "quantization_layer_structure": None,
        }


@public("keras.quantizers.GPTQConfig")
class GPTQConfig(_Calibrated):
    """Kernels of few bits, rounded one input after the other so that errors make up for each other (GPTQ).

    Parameters
    ----------
    dataset : iterable
        Examples of the model's inputs: texts for the tokenizer, arrays of tokens, or arrays that the model takes.
    tokenizer : callable or None
        Gives the tokens of a text.
    weight_bits : {2, 3, 4, 8}, default 4
    num_samples : int, default 128
        Number of examples to use.
    per_channel : bool, default True
        Whether every output has scales of its own.
    sequence_length : int, default 512
        Number of tokens of an example.
    hessian_damping : float, default 0.01
        Added to the diagonal of the Hessian, as a fraction of its mean.
    group_size : int, default 128
        How many inputs share a scale; -1 for all.
    symmetric : bool, default False
        Whether zero is in the middle of the integers.
    activation_order : bool, default False
        Whether inputs are rounded in the order of their importance.
    quantization_layer_structure : dict, optional
        The model's parts: ``"pre_block_layers"``, called first, and ``"sequential_blocks"``, one after the other.

    Raises
    ------
    ValueError
        If a number is none of these.
    """

    def __init__(
        self,
        dataset: Any,
        tokenizer: Any,
        *,
        weight_bits: int = 4,
        num_samples: int = 128,
        per_channel: bool = True,
        sequence_length: int = 512,
        hessian_damping: float = 0.01,
        group_size: int = 128,
        symmetric: bool = False,
        activation_order: bool = False,
        quantization_layer_structure: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        if weight_bits not in _GROUP_BITS:
            raise ValueError(f"GPTQConfig(weight_bits={weight_bits!r}): expected 2, 3, 4 or 8")
        damping: Any = hessian_damping
        if isinstance(damping, bool) or not isinstance(damping, (int, float)) or not 0 <= damping <= 1:
            raise ValueError(f"GPTQConfig(hessian_damping={hessian_damping!r}): expected a number between 0 and 1")
        self.dataset, self.tokenizer = dataset, tokenizer
        self.weight_bits = weight_bits
        self.num_samples = _count(num_samples, "num_samples", self)
        self.per_channel = per_channel
        self.sequence_length = _count(sequence_length, "sequence_length", self)
        self.hessian_damping = hessian_damping
        self.group_size = _count(group_size, "group_size", self, group=True)
        self.symmetric, self.activation_order = symmetric, activation_order
        self.quantization_layer_structure = _structure(quantization_layer_structure, self)

    @property
    def mode(self) -> str:
        return "gptq"

    def get_config(self) -> dict[str, Any]:
        return self._own_config(
            "weight_bits", "num_samples", "per_channel", "sequence_length", "hessian_damping", "group_size",
            "symmetric", "activation_order",
        )  # fmt: skip


@public("keras.quantizers.AWQConfig")
class AWQConfig(_Calibrated):
    """Kernels of 4 bits, in which inputs that are large are kept more exactly (AWQ).

    Parameters
    ----------
    dataset, tokenizer, num_samples, sequence_length, group_size, quantization_layer_structure
        As for `GPTQConfig`.
    weight_bits : {4}, default 4
    num_grid_points : int, default 20
        How many powers of the inputs' magnitudes are tried as scales.

    Raises
    ------
    ValueError
        If a number is none of these.
    """

    def __init__(
        self,
        dataset: Any,
        tokenizer: Any,
        *,
        weight_bits: int = 4,
        num_samples: int = 128,
        sequence_length: int = 512,
        group_size: int = 128,
        num_grid_points: int = 20,
        quantization_layer_structure: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        if weight_bits != 4:
            raise ValueError(f"AWQConfig(weight_bits={weight_bits!r}): expected 4")
        self.dataset, self.tokenizer, self.weight_bits = dataset, tokenizer, weight_bits
        self.num_samples = _count(num_samples, "num_samples", self)
        self.sequence_length = _count(sequence_length, "sequence_length", self)
        self.group_size = _count(group_size, "group_size", self, group=True)
        self.num_grid_points = _count(num_grid_points, "num_grid_points", self)
        self.quantization_layer_structure = _structure(quantization_layer_structure, self)

    @property
    def mode(self) -> str:
        return "awq"

    def get_config(self) -> dict[str, Any]:
        return self._own_config("weight_bits", "num_samples", "sequence_length", "group_size", "num_grid_points")


_BY_MODE: Final[dict[str, type[QuantizationConfig]]] = {
    "int8": Int8QuantizationConfig,
    "int4": Int4QuantizationConfig,
    "float8": Float8QuantizationConfig,
}


def of_mode(mode: Any, config: Any, where: str) -> QuantizationConfig:
    """Configuration for the arguments `mode` and `config` of ``quantize()``, one of which may be left out.

    Raises
    ------
    ValueError
        If both are left out, contradict each other, or the mode needs more than its name.
    """
    from dl_layers.dtype_policies.quantized import check_mode

    if isinstance(mode, QuantizationConfig) and config is None:
        mode, config = None, mode
    if config is None:
        if mode is None:
            raise ValueError(f"{where}: expected a mode or a configuration")
        check_mode(mode, where)
        if mode not in _BY_MODE:
            name = {"gptq": "GPTQConfig", "awq": "AWQConfig"}[mode]
            raise ValueError(f"{where}: mode {mode!r} needs examples of inputs: give config={name}(dataset, tokenizer)")
        return _BY_MODE[mode]()
    if isinstance(config, dict):
        config = deserialize_keras_object(config)
    if not isinstance(config, QuantizationConfig):
        raise ValueError(f"{where}: expected a QuantizationConfig, got config={config!r}")
    if mode is not None and check_mode(mode, where) != config.mode:
        raise ValueError(f"{where}: the mode is {mode!r}, that of the configuration {config.mode!r}")
    return config
