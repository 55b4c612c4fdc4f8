"""Dtype policies of layers whose kernels are kept in 8 bits or fewer."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from dl_layers.dtype_policies.policy import DTypePolicy, dtype_policy
from dl_ops.objects import public

MODES: Final = ("int8", "float8", "int4", "gptq", "awq")
_SEPARATOR: Final = "_from_"


def check_mode(mode: Any, where: str) -> str:
    """`mode`, if it is one of `MODES`; else a ``ValueError`` that starts with `where`."""
    if mode not in MODES:
        raise ValueError(f"{where}: expected a mode among {', '.join(map(repr, MODES))}, got {mode!r}")
    return str(mode)


@public("keras.dtype_policies.QuantizedDTypePolicy")
class QuantizedDTypePolicy(DTypePolicy):
    """Policy of a layer with a quantized kernel: dtypes as another policy says, and how the kernel is kept.

    Parameters
    ----------
    mode : {"int8", "float8", "int4", "gptq", "awq"}
        How the kernel is kept; ``"int4"`` has one scale a channel.
    source_name : str, optional
        Name of the policy that says in which dtypes the layer computes and keeps its other variables; by default that
        of layers that are given none.

    Raises
    ------
    ValueError
        If a name is unknown, or 8-bit products would overflow the dtype that the layer computes in.

    Examples
    --------
    >>> policy = QuantizedDTypePolicy("int8", "mixed_bfloat16")
    >>> policy.name, policy.compute_dtype, policy.variable_dtype, policy.quantization_mode
    ('int8_from_mixed_bfloat16', 'bfloat16', 'float32', 'int8')
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    """Names of the integers that follow the mode, after a ``/`` each."""

    _kind: ClassVar[str | None] = None
    """The one mode that the class is for, if it is for one."""

    def __init__(self, mode: str, source_name: str | None = None) -> None:
        given = source_name
        if source_name is None:
            default = dtype_policy()
            source_name = getattr(default, "_source_name", None) or default.name
        text: Any = mode
        kind, *numbers = text.split("/") if isinstance(text, str) else (text,)
        where = f"{type(self).__name__}(mode={mode!r}, source_name={given!r})"
        if len(numbers) != len(self._fields) or self._kind not in (None, kind):
            pattern = "/".join((self._kind or "<mode>", *(f"<{name}>" for name in self._fields)))
            raise ValueError(f"{where}: expected a mode of the form {pattern!r}")
        check_mode(kind, where)
        super().__init__(source_name)
        if kind == "int8" and self._compute_dtype == "float16":
            raise ValueError(f"{where}: sums of 8-bit products overflow float16; compute in bfloat16 or float32")
        for name, number in zip(self._fields, numbers, strict=True):
            setattr(self, name, self._number(name, number, where))
        self._mode, self._source_name, self._quantization_mode = mode, source_name, kind
        self._name = f"{mode}{_SEPARATOR}{source_name}"

    def _number(self, name: str, text: str, where: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ValueError(f"{where}: {name} must be an integer, got {text!r}") from None
        allowed = _ALLOWED.get((self._kind, name))
        if allowed is not None and number not in allowed:
            raise ValueError(f"{where}: {name} must be one of {', '.join(map(str, allowed))}, got {number}")
        if allowed is None and number != -1 and number < 1:
            raise ValueError(f"{where}: {name} must be a positive integer, or -1 for no groups, got {number}")
        return number

    @property
    def quantization_mode(self) -> str | None:
        """How the kernel is kept."""
        return self._quantization_mode

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` makes an equal policy from."""
        return {"mode": self._mode, "source_name": self._source_name}


_ALLOWED: Final[dict[tuple[str | None, str], tuple[int, ...]]] = {
    ("gptq", "weight_bits"): (2, 3, 4, 8),
    ("awq", "weight_bits"): (4,),
}


@public("keras.dtype_policies.QuantizedFloat8DTypePolicy")
class QuantizedFloat8DTypePolicy(QuantizedDTypePolicy):
    """Policy of a layer that multiplies 8-bit floats.

    Parameters
    ----------
    mode : {"float8"}
    source_name : str, optional
        As for `QuantizedDTypePolicy`.
    amax_history_length : int, default 1024
        Number of steps over which the largest magnitudes are remembered, from which scales are derived.

    Raises
    ------
    TypeError, ValueError
        If `amax_history_length` is not a positive integer.
    """

    default_amax_history_length = 1024
    _kind = "float8"

    def __init__(self, mode: str, source_name: str | None = None, amax_history_length: int = 1024) -> None:
        super().__init__(mode, source_name)
        where = f"{type(self).__name__}(amax_history_length={amax_history_length!r})"
        if isinstance(amax_history_length, bool) or not isinstance(amax_history_length, int):
            raise TypeError(f"{where}: expected an integer")
        if amax_history_length < 1:
            raise ValueError(f"{where}: expected a positive integer")
        self._amax_history_length = amax_history_length

    @property
    def amax_history_length(self) -> int:
        """Number of steps over which the largest magnitudes are remembered."""
        return self._amax_history_length

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "amax_history_length": self._amax_history_length}


@public("keras.dtype_policies.Int4DTypePolicy")
class Int4DTypePolicy(QuantizedDTypePolicy):
    """Policy of a layer with a 4-bit kernel whose inputs are split into blocks, each with a scale and a zero point.

    Parameters
    ----------
    mode : str
        ``"int4/<block_size>"``; -1 stands for one scale a channel, without zero points.
    source_name : str, optional
        As for `QuantizedDTypePolicy`.

    Raises
    ------
    ValueError
        If `mode` is of another form.

    Examples
    --------
    >>> Int4DTypePolicy("int4/128", "float32").block_size
    128
    """

    _kind = "int4"
    _fields = ("block_size",)
    block_size: int


@public("keras.dtype_policies.GPTQDTypePolicy")
class GPTQDTypePolicy(QuantizedDTypePolicy):
    """Policy of a layer whose kernel is quantized with the help of examples of its inputs, by GPTQ.

    Parameters
    ----------
    mode : str
        ``"gptq/<weight_bits>/<group_size>"``: 2, 3, 4 or 8 bits, and how many inputs share a scale, -1 for all.
    source_name : str, optional
        As for `QuantizedDTypePolicy`.

    Raises
    ------
    ValueError
        If `mode` is of another form.

    References
    ----------
    Frantar, Ashkboos, Hoefler and Alistarh, "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained
    Transformers", arXiv:2210.17323.
    """

    _kind = "gptq"
    _fields = ("weight_bits", "group_size")
    weight_bits: int
    group_size: int


@public("keras.dtype_policies.AWQDTypePolicy")
class AWQDTypePolicy(QuantizedDTypePolicy):
    """Policy of a layer whose kernel is quantized with the help of examples of its inputs, by AWQ.

    Parameters
    ----------
    mode : str
        ``"awq/4/<group_size>"``: how many inputs share a scale, -1 for all.
    source_name : str, optional
        As for `QuantizedDTypePolicy`.

    Raises
    ------
    ValueError
        If `mode` is of another form.

    References
    ----------
    Lin et al., "AWQ: Activation-aware Weight Quantization for LLM Compression and Acceleration", arXiv:2306.00978.
    """

    _kind = "awq"
    _fields = ("weight_bits", "group_size")
    weight_bits: int
    group_size: int


_CLASSES: Final[dict[str, type[QuantizedDTypePolicy]]] = {
    "int4": Int4DTypePolicy,
    "gptq": GPTQDTypePolicy,
    "awq": AWQDTypePolicy,
}


def from_name(name: str) -> QuantizedDTypePolicy | None:
    """Policy of a name such as ``"int4/128_from_mixed_bfloat16"``; ``None`` if the name is not of this form."""
    mode, separator, source = name.partition(_SEPARATOR)
    kind = mode.partition("/")[0]
    if not separator or kind not in MODES:
        return None
    if mode == "float8":
        return QuantizedFloat8DTypePolicy(mode, source)
    # int4 alone has one scale a channel, and a plain policy, in files
    plain = mode in ("int4", "int8")
    return (QuantizedDTypePolicy if plain else _CLASSES.get(kind, QuantizedDTypePolicy))(mode, source)
