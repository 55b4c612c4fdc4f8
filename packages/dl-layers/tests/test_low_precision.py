"""Kernels in few bits, updates of low rank, and quantizers, on every backend."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dl_layers import Conv2D, Dense, EinsumDense, Embedding, ReLU, ReversibleEmbedding, dtype_policies, quantizers
from dl_layers.dtype_policies import DTypePolicyMap
from dl_layers.quantizers import (
    AbsMaxQuantizer,
    AWQConfig,
    Float8QuantizationConfig,
    GPTQConfig,
    Int4QuantizationConfig,
    Int8QuantizationConfig,
    QuantizationConfig,
)
from dl_layers.serialization import deserialize, serialize
from dl_ops import ops
from dl_ops.backend import Backend
from dl_ops.typing import Array

RANDOM = np.random.default_rng(0)
BEGINNING = RANDOM.bit_generator.state


@pytest.fixture(autouse=True)
def draws_begin_anew() -> None:
    """Give a test the same numbers whichever ran before it."""
    RANDOM.bit_generator.state = BEGINNING


INDICES = np.arange(9).reshape(3, 3)


def _drawn(*shape: int) -> Array:
    return RANDOM.normal(size=shape).astype("float32")


LAYERS: dict[str, tuple[Callable[[], Any], Array]] = {
    "Dense": (lambda: Dense(5), _drawn(3, 8)),
    "EinsumDense": (lambda: EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de"), _drawn(2, 4, 8)),
    "of two axes": (lambda: EinsumDense("btnh,nhd->btd", (None, 5)), _drawn(2, 3, 2, 4)),
    "ellipsis": (lambda: EinsumDense("...x,xy->...y", 3, bias_axes="y"), _drawn(2, 4, 8)),
    "batch in kernel": (lambda: EinsumDense("abc,bcd->abd", (4, 3)), _drawn(2, 4, 8)),
    "sum without kernel": (lambda: EinsumDense("abc,cd->ad", 3), _drawn(2, 4, 8)),
    "Embedding": (lambda: Embedding(9, 8), INDICES),
    "ReversibleEmbedding": (lambda: ReversibleEmbedding(9, 8, tie_weights=False), INDICES),
}
CONFIGS: dict[str, tuple[QuantizationConfig, float]] = {
    "int8": (Int8QuantizationConfig(), 0.03),
    "int8 of weights": (Int8QuantizationConfig(activation_quantizer=None), 0.02),
    "int4": (Int4QuantizationConfig(block_size=4), 0.25),
    "int4 of channels": (Int4QuantizationConfig(block_size=None), 0.3),
    "float8": (Float8QuantizationConfig(), 0.1),
}
PRODUCTS = [name for name in LAYERS if "Embedding" not in name]


def _built(name: str) -> tuple[Any, Array]:
    make, x = LAYERS[name]
    layer = make()
    layer.build(x.shape)
    layer.set_weights([RANDOM.normal(size=w.shape) for w in layer.weights])
    return layer, x


def _near(found: Any, expected: Array, tolerance: float) -> None:
    found = ops.convert_to_numpy(found)
    assert np.abs(found - expected).max() <= tolerance * np.abs(expected).max()


@pytest.mark.parametrize("mode", CONFIGS)
@pytest.mark.parametrize("name", LAYERS)
def test_outputs_stay_near_and_are_the_same_when_saved_and_loaded(name: str, mode: str, backend: Backend) -> None:
    layer, x = _built(name)
    config, tolerance = CONFIGS[mode]
    before = ops.convert_to_numpy(layer(x))
    if "Embedding" in name and mode == "float8":
        with pytest.raises(NotImplementedError, match="expected 'int8' or 'int4'"):
            layer.quantize(config=config)
        return
    layer.quantize(config=config)
    after = ops.convert_to_numpy(layer(x))
    _near(after, before, tolerance)
    assert layer.quantization_mode == config.mode
    stored: dict[str, Array] = {}
    layer.save_own_variables(stored)
    read: Any = deserialize(serialize(layer))
    assert len(read.variable_serialization_spec[config.mode]) >= len(stored)
    read.load_own_variables(stored)
    _near(read(x), after, 1e-6)
    for same in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)) if backend.name == "numpy" else layer):
        _near(same(x), after, 1e-6)


@pytest.mark.parametrize("mode", ["int8", "int4"])
@pytest.mark.parametrize("name", PRODUCTS)
def test_gradients_are_those_of_the_product_in_floating_point(name: str, mode: str, backend: Backend) -> None:
    if not backend.trainable:
        pytest.skip("computes no gradients")
    layer, x = _built(name)
    layer.quantize(config=CONFIGS[mode][0])
    kernel = ops.convert_to_numpy(layer._stored[0].dequantized())
    plain, _ = _built(name)
    plain.set_weights([kernel, *[w.numpy() for w in layer.weights if w.name == "bias"]])
    gradients = [
        ops.convert_to_numpy(
            ops.grad(lambda z, layer=layer: ops.sum(ops.square(layer(z)) * 0.5))(ops.convert_to_tensor(x))
        )
        for layer in (layer, plain)
    ]
    assert np.abs(gradients[0] - gradients[1]).max() <= 0.05 * np.abs(gradients[1]).max()


@pytest.mark.parametrize("mode", [None, "int8", "int4"])
@pytest.mark.parametrize("name", [*LAYERS, "Conv2D"])
def test_an_update_of_low_rank_is_trained_and_merged(name: str, mode: str | None, backend: Backend) -> None:
    if name == "Conv2D":
        layer, x = Conv2D(3, 2), _drawn(2, 4, 4, 2)
        layer(x)
        if mode is not None:
            with pytest.raises(NotImplementedError):
                layer.quantize(mode)
            return
    else:
        layer, x = _built(name)
    if mode is not None:
        layer.quantize(mode)
    weight = layer._kernel_name
    before = ops.convert_to_numpy(layer(x))
    layer.enable_lora(2, lora_alpha=4)
    _near(layer(x), before, 1e-6)
    a, b = (getattr(layer, f"lora_{weight}_{letter}") for letter in "ab")
    assert not any(w.name == weight for w in layer.trainable_weights)
    layer.trainable = False
    layer.trainable = True
    assert not any(w.name == weight for w in layer.trainable_weights)
    b.assign(_drawn(*b.shape))
    updated = ops.convert_to_numpy(layer(x))
    assert np.abs(updated - before).max() > 0.01
    if mode is None:
        kernel = getattr(layer, f"_{weight}").numpy() + 2.0 * a.numpy() @ b.numpy()
        np.testing.assert_allclose(ops.convert_to_numpy(getattr(layer, weight)), kernel, rtol=1e-5, atol=1e-5)
    stored: dict[str, Array] = {}
    layer.save_own_variables(stored)
    read: Any = deserialize(serialize(layer))
    assert read.lora_enabled
    read.load_own_variables(stored)
    _near(read(x), updated, 1e-5 if mode is None else 0.03 if mode == "int8" else 0.5)
    assert np.all(getattr(read, f"lora_{weight}_a").numpy() != 0)


@pytest.mark.parametrize(
    "options",
    [
        {}, {"activation_order": True, "group_size": -1}, {"symmetric": True, "weight_bits": 8},
        {"weight_bits": 3, "group_size": -1},
        {"weight_bits": 2, "per_channel": False},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("name", ["Dense", "EinsumDense", "of two axes"])
def test_examples_of_inputs_make_up_for_rounding(name: str, options: dict[str, Any], backend: Backend) -> None:
    layer, x = _built(name)
    random = np.random.default_rng(1)
    width = int(np.prod(layer._stored[0].layout.shape)) if layer._stored else layer._layouts(layer.kernel.shape)[0].rows
    mixing = random.normal(size=(width, width)) * np.linspace(0.1, 3, width)
    x = (random.normal(size=(300, width)) @ mixing).reshape(-1, *x.shape[1:]).astype("float32")
    before = ops.convert_to_numpy(layer(x))
    kernel = layer.kernel.numpy()
    config = GPTQConfig(None, None, **{"group_size": 4, **options})
    layer.quantize(config=config)
    with pytest.raises(ValueError, match="calibrate"):
        layer.save_own_variables({})
    _near(layer(x), before, 1e-5)
    layer.calibrate()
    error = np.mean(np.square(ops.convert_to_numpy(layer(x)) - before))
    layer._stored[0].assign(ops.convert_to_tensor(kernel))
    nearest = np.mean(np.square(ops.convert_to_numpy(layer(x)) - before))
    # the others have another grid, on which fewer values are
    assert error <= nearest * (1.001 if options.keys() <= {"activation_order", "group_size", "weight_bits"} else 20.0)


def test_larger_inputs_are_kept_more_exactly(backend: Backend) -> None:
    layer, _ = _built("Dense")
    x = _drawn(200, 8) * np.array([30, 1, 1, 1, 1, 1, 1, 1], "float32")
    before = ops.convert_to_numpy(layer(x))
    kernel = layer.kernel.numpy()
    layer.quantize(config=AWQConfig(None, None, group_size=-1))
    layer(x)
    layer.calibrate()
    error = np.mean(np.square(ops.convert_to_numpy(layer(x)) - before))
    layer._stored[0].assign(ops.convert_to_tensor(kernel))
    assert error < 0.7 * np.mean(np.square(ops.convert_to_numpy(layer(x)) - before))


def test_packing_is_undone_by_unpacking(backend: Backend) -> None:
    for axis in range(-3, 3):
        for dtype, low in (("int8", -8), ("uint8", 0)):
            values = RANDOM.integers(low, low + 16, (3, 4, 5)).astype(dtype)
            packed, shape, length = quantizers.pack_int4(values, axis=axis, dtype=dtype)
            assert tuple(packed.shape) == shape
            assert ops.dtype(packed) == dtype
            unpacked = quantizers.unpack_int4(packed, length, axis=axis, dtype=dtype)
            np.testing.assert_array_equal(ops.convert_to_numpy(unpacked), values)


def test_what_fake_quantization_clips_has_the_gradient_of_its_end(backend: Backend) -> None:
    if not backend.trainable:
        pytest.skip("computes no gradients")
    x = np.array([[-3.0, 0.2], [0.4, 9.0], [5.0, -9.0]], "float32")

    def total(x: Any, low: Any, high: Any) -> Any:
        factors = ops.convert_to_tensor(np.array([[1.0, 2.0]], "float32"))
        return ops.sum(quantizers.fake_quant_with_min_max_vars(x, low, high, axis=0) * factors)

    ends = ops.convert_to_tensor(np.full(3, -1.0, "float32")), ops.convert_to_tensor(np.full(3, 2.0, "float32"))
    inside, low, high = (ops.convert_to_numpy(ops.grad(total, i)(ops.convert_to_tensor(x), *ends)) for i in range(3))
    np.testing.assert_array_equal(inside, [[0, 2], [1, 0], [0, 0]])
    np.testing.assert_array_equal(low, [1, 0, 2])
    np.testing.assert_array_equal(high, [0, 2, 1])


def test_a_map_gives_each_layer_its_policy() -> None:
    policies = DTypePolicyMap("float32", {"first": "int8_from_float32", "second": "mixed_bfloat16"})
    layers = [Dense(2, dtype=policies, name=name) for name in ("first", "second", "third")]
    for layer in layers:
        layer.build((3, 4))
    assert [layer.quantization_mode for layer in layers] == ["int8", None, None]
    assert [layer.compute_dtype for layer in layers] == ["float32", "bfloat16", "float32"]
    read: Any = dtype_policies.deserialize(dtype_policies.serialize(policies))
    assert read == policies
    assert read["second"].name == "mixed_bfloat16"


WORD: Any = "one"


class _Subclass(Dense):
    pass


BUILT = Dense(2, kernel_constraint="non_neg")
BUILT.build((3, 4))
QUANTIZED = Dense(2)
QUANTIZED.build((3, 4))
QUANTIZED.quantize("int8")
SUBCLASS = _Subclass(2)
SUBCLASS.build((3, 4))
MISUSES: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "unbuilt": (lambda: Dense(2).quantize("int8"), ValueError, "not built"),
    "no mode": (lambda: BUILT.quantize(), ValueError, "a mode or a configuration"),
    "mode": (lambda: BUILT.quantize("int5"), ValueError, "'int8', 'float8'"),
    "twice": (lambda: QUANTIZED.quantize("int8"), ValueError, "quantized already"),
    "contradiction": (lambda: BUILT.quantize("int8", config=Int4QuantizationConfig()), ValueError, "'int4'"),
    "no examples": (lambda: BUILT.quantize("gptq"), ValueError, "GPTQConfig"),
    "configuration": (lambda: BUILT.quantize(config=3), ValueError, "QuantizationConfig"),
    "argument": (lambda: Dense(2, quantization_config="int8"), ValueError, "QuantizationConfig"),
    "other layers": (lambda: ReLU().quantize("int8"), NotImplementedError, "ReLU"),
    "subclass": (lambda: SUBCLASS.quantize("int8"), NotImplementedError, "type_check"),
    "axis of a quantizer": (
        lambda: _quantized_by(AbsMaxQuantizer(axis=1)), ValueError, "must share one",
    ),
    "not observed": (lambda: QUANTIZED.calibrate(), ValueError, "calibrate"),
    "rank": (lambda: Dense(2, lora_rank=0), ValueError, "lora_rank"),
    "alpha": (lambda: Dense(2, lora_rank=1, lora_alpha=WORD), ValueError, "lora_alpha"),
    "constraint": (lambda: BUILT.enable_lora(2), ValueError, "kernel_constraint"),
    "low rank unbuilt": (lambda: Dense(2).enable_lora(2), ValueError, "not built"),
    "kernel unbuilt": (lambda: Dense(2).kernel, AttributeError, "no kernel yet"),
    "float16": (lambda: Dense(2, dtype="int8_from_float16"), ValueError, "overflow"),
    "bits": (lambda: dtype_policies.get("gptq/5/128_from_float32"), ValueError, "weight_bits"),
    "block": (lambda: dtype_policies.get("int4/0_from_float32"), ValueError, "block_size"),
    "form": (lambda: dtype_policies.get("gptq_from_float32"), ValueError, "gptq/<weight_bits>/<group_size>"),
    "history": (lambda: dtype_policies.QuantizedFloat8DTypePolicy("float8", None, 0), ValueError, "positive"),
    "key twice": (lambda: DTypePolicyMap("float32", {"a": "float16"}).__setitem__("a", "float32"), ValueError, "'a'"),
    "several keys": (lambda: DTypePolicyMap(None, {"a.*": "float16", ".*b": "float32"})["ab"], ValueError, "several"),
    "soft cap": (lambda: ReversibleEmbedding(3, 2, logit_soft_cap=0), ValueError, "logit_soft_cap"),
    "integers": (lambda: quantizers.abs_max_quantize(np.arange(3), 0), TypeError, "floating-point"),
    "range": (lambda: quantizers.abs_max_quantize(np.ones(3), 0, (3, 1)), ValueError, "value_range"),
    "block size": (
        lambda: quantizers.abs_max_quantize_grouped_with_zero_point(np.ones((3, 2)), 0), ValueError, "block_size",
    ),
    "no matrix": (
        lambda: quantizers.abs_max_quantize_grouped_with_zero_point(np.ones(3), 2), ValueError, "matrix",
    ),
    "packed dtype": (lambda: quantizers.pack_int4(np.arange(3)), TypeError, "expected int8"),
    "length": (lambda: quantizers.unpack_int4(np.zeros(2, "int8"), 5), ValueError, "orig_len"),
    "bits of fakes": (lambda: quantizers.fake_quant_with_min_max_vars(np.ones(2), 0, 1, 1), ValueError, "num_bits"),
    "float8 dtype": (
        lambda: quantizers.quantize_and_dequantize(np.ones(2), 1.0, "int8", "float32"), ValueError, "quantized_dtype",
    ),
    "quantizer": (lambda: quantizers.get("abs_max"), ValueError, "quantizer"),
    "blocks and quantizer": (lambda: Int4QuantizationConfig(AbsMaxQuantizer(axis=0)), ValueError, "block_size"),
    "damping": (lambda: GPTQConfig(None, None, hessian_damping=2), ValueError, "hessian_damping"),
    "group": (lambda: AWQConfig(None, None, group_size=0), ValueError, "group_size"),
}  # fmt: skip


def _quantized_by(quantizer: Any) -> None:
    layer = Dense(2)
    layer.build((3, 4))
    layer.quantize(config=Int8QuantizationConfig(weight_quantizer=quantizer))


@pytest.mark.parametrize(("call", "error", "match"), MISUSES.values(), ids=MISUSES)
def test_misuses_are_errors_that_say_what_was_expected(
    call: Callable[[], Any], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        call()
