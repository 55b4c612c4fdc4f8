"""What every layer must pass, on every backend."""

from __future__ import annotations

import functools
import json
import math
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import numpy as np

from dl_layers.layer import Layer
from dl_layers.layer.masks import get_mask, masks_of, set_mask
from dl_layers.layer.programs import recorded
from dl_layers.testing.case import LayerCase, below, is_under_test, map_leaves, named_weights
from dl_ops import ops, tree
from dl_ops.backend import Backend
from dl_ops.dtypes import is_float, numpy_dtype, standardize_dtype
from dl_ops.objects import deserialize_keras_object, serialize_keras_object
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Array

TOLERANCES: Final = {"float64": 1e-9, "float32": 2e-5, "float16": 1e-2, "bfloat16": 8e-2}
STEP: Final = 1e-6


def check_value(case: LayerCase, backend: Backend) -> None:
    """The outputs are the reference's, and NumPy arrays as inputs give what tensors give."""
    layer = built(case)
    weights = named_weights(layer)
    outputs = to_arrays(called(layer, case, "float32", backend.to_tensor))
    args, kwargs = case.arguments("float32")
    with restored(layer):
        again = to_arrays(layer(*args, **kwargs))
    close(again, outputs, 0.0 if backend.name == "numpy" else 1e-6, f"{case}: with arrays")
    if case.reference is not None:
        args, kwargs = case.arguments("float64")
        expected = case.reference(weights, *args, **kwargs)
        close(outputs, expected, case.tolerance * TOLERANCES["float32"], f"{case}: outputs")


def check_symbolic(case: LayerCase, backend: Backend) -> None:
    """Shapes and dtypes of outputs are those inferred, with sizes known and unknown."""
    outputs = tree.flatten(called(built(case), case, "float32", backend.to_tensor))
    for unknown in ((), tuple(case.unknown)):
        layer = case.make()
        args, kwargs = case.arguments("float32")

        def stand_in(x: Any, unknown: tuple[int, ...] = unknown) -> Any:
            if not isinstance(x, np.ndarray):
                return x
            return KerasTensor(tuple(None if i in unknown else n for i, n in enumerate(x.shape)), x.dtype)

        specs = layer(*map_leaves(stand_in, args), **map_leaves(stand_in, kwargs))
        inferred = tree.flatten(specs)
        assert len(inferred) == len(outputs), f"{case}: {len(outputs)} outputs, inferred {len(inferred)}"
        for x, spec in zip(outputs, inferred, strict=True):
            shape, dtype = tuple(x.shape), standardize_dtype(x.dtype)
            fits = len(spec.shape) == len(shape) and all(
                a == b or (a is None and unknown) for a, b in zip(spec.shape, shape, strict=True)
            )
            assert fits, f"{case}: shape {shape}, inferred {spec.shape} with axes {unknown} unknown"
            assert spec.dtype == dtype, f"{case}: dtype {dtype}, inferred {spec.dtype}"
        if unknown == (0,) and not case.call:
            assert all(spec.shape[0] is None for spec in inferred), f"{case}: an unknown batch became known: {inferred}"


def check_config(case: LayerCase, backend: Backend) -> None:
    """A layer made from its configuration, by way of JSON, and built from its build configuration is the same."""
    layer = built(case)
    config = json.loads(json.dumps(serialize_keras_object(layer)))
    build_config = json.loads(json.dumps(layer.get_build_config()))
    copy = deserialize_keras_object(config)
    assert type(copy) is type(layer)
    assert json.loads(json.dumps(copy.get_config())) == config["config"]
    if build_config is not None:
        assert copy.built
        copy = type(layer).from_config(config["config"])
        copy.build_from_config(build_config)
        assert copy.built
        assert [(w.path, w.shape, w.dtype) for w in copy.weights] == [(w.path, w.shape, w.dtype) for w in layer.weights]
    else:
        assert not layer.weights, f"{case}: weights, but no build configuration"
    called(copy, case, "float32")
    copy.set_weights(layer.get_weights())
    if _stateful(layer):
        # states are no weights, and each of the two has been called
        stateful: tuple[Any, ...] = (copy, layer)
        for one in stateful:
            one.reset_states()
    if not case.random:
        close(
            to_arrays(called(copy, case, "float32")), to_arrays(called(layer, case, "float32")), 1e-6, f"{case}: copied"
        )


def check_weights(case: LayerCase, backend: Backend) -> None:
    """Weights have their names and order, frozen or not, and belong to the backend; arrays go in and out."""
    layer = built(case)
    paths = [below(layer, w.path) for w in layer.weights]
    assert paths == list(case.weights), f"{case}: weights {paths}"
    assert all(w.backend is backend for w in layer.variables)
    both = [*layer.trainable_weights, *layer.non_trainable_weights]
    assert sorted(map(id, both)) == sorted(map(id, layer.weights))
    layer.trainable = False
    assert [below(layer, w.path) for w in layer.weights] == paths
    assert layer.trainable_weights == []
    layer.trainable = True
    assert [below(layer, w.path) for w in layer.trainable_weights] == [below(layer, w.path) for w in both][
        : len(layer.trainable_weights)
    ]
    values = layer.get_weights()
    layer.set_weights([x + 1 for x in values])
    close(layer.get_weights(), [x + 1 for x in values], 0.0, f"{case}: set_weights")
    assert layer.count_params() == sum(x.size for x in values)
    sizes = [w.backend.to_numpy(w.backend.read_storage(w._value)).nbytes for w in layer.weights]
    assert sizes == [math.prod(w.shape) * numpy_dtype(w.dtype).itemsize for w in layer.weights]


def check_stateless(case: LayerCase, backend: Backend) -> None:
    """`stateless_call` gives the outputs and the new state, and leaves the layer as it is."""
    layer = built(case)
    others = layer.non_trainable_variables
    before = [v.numpy().copy() for v in layer.variables]
    args, kwargs = case.arguments("float32")
    trained, state = [v.value for v in layer.trainable_variables], [ops.copy(v.value) for v in others]
    outputs, updated = layer.stateless_call(trained, state, *args, **kwargs)
    close([v.numpy() for v in layer.variables], before, 0.0, f"{case}: variables after stateless_call")
    expected = to_arrays(layer(*args, **kwargs))
    close(to_arrays(outputs), expected, 1e-6, f"{case}: outputs of stateless_call")
    close([ops.convert_to_numpy(x) for x in updated], [v.numpy() for v in others], 1e-6, f"{case}: state")


def check_mixed_precision(case: LayerCase, backend: Backend) -> None:
    """With a mixed policy variables stay in float32, and outputs come in 16 bits, near those of float32."""
    layer = built(case)
    expected = to_arrays(called(layer, case, "float32"))
    for policy, dtype in (("mixed_float16", "float16"), ("mixed_bfloat16", "bfloat16")):
        mixed = case.make(dtype=policy)
        called(mixed, case, "float32")
        assert {v.dtype for v in mixed.weights} <= {"float32"}
        for variable, value in zip(mixed.variables, [v.numpy() for v in layer.variables], strict=True):
            variable.assign(value)
        outputs = called(mixed, case, "float32")
        for x in tree.flatten(outputs):
            name = standardize_dtype(x.dtype)
            assert name == dtype or not is_float(name), f"{case} [{policy}]: output of dtype {name}"
        args, kwargs = case.arguments("float32")
        specs = mixed(*map_leaves(_symbolic, args), **map_leaves(_symbolic, kwargs))
        for x, spec in zip(tree.flatten(outputs), tree.flatten(specs), strict=True):
            assert spec.dtype == standardize_dtype(x.dtype), f"{case} [{policy}]: {x.dtype}, inferred {spec.dtype}"
        if not case.random:
            close(to_arrays(outputs), expected, case.tolerance * TOLERANCES[dtype], f"{case} [{policy}]")


def check_gradient(case: LayerCase, backend: Backend) -> None:
    """Derivatives with respect to weights and inputs, in a random direction, are central differences."""
    if not case.gradient or not backend.trainable:
        return
    random = np.random.default_rng(zlib.crc32(str(case).encode()))
    with backend.float64_scope():
        layer = built(case, dtype="float64")
        args, kwargs = case.arguments("float64")
        inputs = [x for x in tree.flatten(args) if is_under_test(x)]
        weights = layer.trainable_variables
        cotangents: list[Array] = []

        def scalar(*xs: Any) -> Any:
            remaining = iter(xs)
            filled = map_leaves(lambda x: next(remaining) if is_under_test(x) else x, args)
            outputs = [y for y in tree.flatten(layer(*filled, **kwargs)) if is_float(standardize_dtype(y.dtype))]
            if not cotangents:
                cotangents.extend(random.uniform(0.5, 1.5, tuple(y.shape)) for y in outputs)
            terms = [ops.sum(ops.multiply(y, c)) for y, c in zip(outputs, cotangents, strict=True)]
            return ops.sum(ops.stack(terms))

        def at(distance: float, moved_inputs: bool) -> float:
            starts = [w.numpy().copy() for w in weights]
            xs = inputs
            if moved_inputs:
                xs = [x + distance * d for x, d in zip(inputs, input_directions, strict=True)]
            else:
                for w, start, d in zip(weights, starts, weight_directions, strict=True):
                    w.assign(start + distance * d)
            with restored(layer, keep=weights):
                value = float(ops.convert_to_numpy(scalar(*map(backend.to_tensor, xs))))
            for w, start in zip(weights, starts, strict=True):
                w.assign(start)
            return value

        def in_one(function: Callable[..., Any]) -> Callable[..., Any]:
            # JAX would compile every op of the way back by itself; what is assigned amid a derivative is for trainers
            if backend.name != "jax" or _stateful(layer):
                return function
            return backend.compile_step(function, layer.variables)

        weight_directions = [random.uniform(-1, 1, w.shape) for w in weights]
        input_directions = [random.uniform(-1, 1, x.shape) for x in inputs]
        tensors = [backend.to_tensor(x) for x in inputs]
        found: dict[bool, float] = {}
        with restored(layer):
            scalar(*tensors)
        if weights:
            with restored(layer):
                _, gradients = in_one(ops.value_and_grad(scalar, weights))(*tensors)
            missing = [w.path for w, g in zip(weights, gradients, strict=True) if g is None]
            assert not missing, f"{case}: no gradient for {missing}"
            found[False] = _product(gradients, weight_directions)
        if inputs:
            with restored(layer):
                _, gradients = in_one(ops.value_and_grad(scalar, argnums=range(len(inputs))))(*tensors)
            found[True] = _product(gradients, input_directions)
        for of_inputs, value in found.items():
            expected = (at(STEP, of_inputs) - at(-STEP, of_inputs)) / (2 * STEP)
            what = "inputs" if of_inputs else "weights"
            assert abs(value - expected) <= 1e-5 * case.tolerance * max(1.0, abs(expected)), (
                f"{case}: derivative with respect to the {what} {value}, by central difference {expected}"
            )


def check_compiled(case: LayerCase, backend: Backend) -> None:
    """A compiled step gives what the eager call gives, for a batch and for a smaller one, and the same new state."""
    if case.random and not backend.trainable:
        return  # inference draws nothing
    layer = built(case)
    args, kwargs = case.arguments("float32")
    # Torch's compiler takes seconds for each, and draws other numbers
    step = backend.compile_step(lambda *xs: layer(*xs, **kwargs), layer.variables, jit=backend.name != "torch")
    sizes = [None] if any(isinstance(x, np.ndarray) for x in tree.flatten(kwargs)) or _stateful(layer) else [None, 1]
    for size in sizes:
        batch = map_leaves(functools.partial(_first, size), args)
        with restored(layer):
            expected = to_arrays(layer(*batch, **kwargs))
            state = [v.numpy().copy() for v in layer.variables]
        with restored(layer):
            outputs = to_arrays(step(*batch))
            close([v.numpy() for v in layer.variables], state, 1e-5, f"{case}: variables after a compiled step")
        close(outputs, expected, case.tolerance * 1e-5, f"{case}: compiled")


def check_training(case: LayerCase, backend: Backend) -> None:
    """Without a flag a call is inference; the flag reaches a layer from the one that calls it; both modes give what
    is inferred.
    """
    if "training" in case.call:
        return
    layer = built(case)
    args, kwargs = case.arguments("float32")
    results: dict[Any, Any] = {}
    for training in (None, False, True):
        with restored(layer):
            results[training] = tree.flatten(layer(*args, **kwargs, training=training))
        specs = layer(*map_leaves(_symbolic, args), **map_leaves(_symbolic, kwargs), training=training)
        for x, spec in zip(results[training], tree.flatten(specs), strict=True):
            shape, dtype = tuple(x.shape), standardize_dtype(x.dtype)
            assert (spec.shape, spec.dtype) == (shape, dtype), f"{case} [training={training}]: {x}, inferred {spec}"
    close(to_arrays(results[None]), to_arrays(results[False]), 1e-6, f"{case}: with training=False")
    with restored(layer):
        inside = tree.flatten(_Caller(layer)(*args, training=True, **kwargs))
    close(to_arrays(inside), to_arrays(results[True]), 1e-6, f"{case}: in a layer that is trained")


class _Caller(Layer):
    """Calls a layer without saying in which mode."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.layer = layer
        self.built = True

    def call(self, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        return self.layer(*args, **kwargs)


def check_masks(case: LayerCase, backend: Backend) -> None:
    """Outputs for masked inputs have the masks that `compute_mask` gives, eager and symbolic alike, or none and a
    warning.
    """
    args, kwargs = case.arguments("float32")
    leaves = [x for x in tree.flatten(args[0]) if isinstance(x, np.ndarray) and x.ndim > 1] if args else []
    if not leaves or len(leaves) != len(tree.flatten(args[0])) or "mask" in " ".join(case.call):
        return
    layer = built(case)
    random = np.random.default_rng(3)
    masks = [random.random(x.shape[:2]) < 0.7 for x in leaves]

    def masked(x: Any, mask: Any) -> Any:
        tensor = backend.to_tensor(x.copy())  # or the case's own array would keep the mask
        set_mask(tensor, backend.to_tensor(mask))
        return tensor

    def masked_spec(x: Any, mask: Any) -> Any:
        spec = KerasTensor(x.shape, x.dtype)
        spec._keras_mask = KerasTensor(mask.shape, "bool")
        return spec

    def called_with(make: Callable[[Any, Any], Any], rest: Callable[[Any], Any]) -> Any:
        inputs = tree.pack_sequence_as(args[0], [make(x, mask) for x, mask in zip(leaves, masks, strict=True)])
        with restored(layer), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            layer._warned_mask = False
            try:
                outputs = layer(inputs, *map_leaves(rest, args[1:]), **map_leaves(rest, kwargs))
            except (ValueError, TypeError) as error:
                return str(error).partition("\n")[0].partition(":")[0], []
            expected = layer.compute_mask(inputs, masks_of(inputs)) if layer.supports_masking else None
        told = any("does not support masking" in str(warning.message) for warning in caught)
        assert told is not layer.supports_masking, f"{case}: supports_masking={layer.supports_masking}, warned {told}"
        flat = tree.flatten(outputs)
        wanted = [None] * len(flat) if expected is None else tree.flatten(expected)
        return [get_mask(x) for x in flat], wanted

    found, wanted = called_with(masked, lambda x: backend.to_tensor(x) if isinstance(x, np.ndarray) else x)
    specs, _ = called_with(masked_spec, _symbolic)
    if isinstance(found, str):
        return  # a layer that takes masks of another kind refuses these
    assert not isinstance(specs, str), f"{case}: {specs} refused when inferring only"
    # a single mask for several outputs is the first one's
    wanted = [*wanted, *[None] * (len(found) - len(wanted))]
    for mask, expected, spec in zip(found, wanted, specs, strict=True):
        assert (mask is None) == (expected is None) == (spec is None), f"{case}: {mask}, {expected}, inferred {spec}"
        if mask is not None:
            close(ops.convert_to_numpy(mask), ops.convert_to_numpy(expected), 0.0, f"{case}: mask")
            sizes = zip(spec.shape, mask.shape, strict=True)
            assert all(a in (b, None) for a, b in sizes), f"{case}: mask of shape {mask.shape}, inferred {spec.shape}"


def check_program(case: LayerCase, backend: Backend) -> None:
    """A program that is recorded for some inputs gives for others of their shapes, and for other weights, what calls
    give, bit by bit.
    """
    args, kwargs = case.arguments("float32")
    if kwargs or len(args) != 1 or case.random:
        return
    generator = np.random.default_rng(0)

    def shuffled(x: Any) -> Any:
        return generator.permuted(x.ravel()).reshape(x.shape) if isinstance(x, np.ndarray) else x

    layer = built(case)
    first, second = (
        map_leaves(lambda x: backend.to_tensor(x) if isinstance(x, np.ndarray) else x, xs)
        for xs in (args[0], map_leaves(shuffled, args[0]))
    )
    try:
        program = recorded(layer, first, backend)
    except Exception:  # what cannot be recorded is called as ever
        return
    for weights in (layer.get_weights(), [shuffled(w) for w in layer.get_weights()]):
        layer.set_weights(weights)
        for x in (first, second):
            found = tree.flatten(program(tree.flatten(x)))
            with restored(layer):
                expected = tree.flatten(layer(x))
            assert len(found) == len(expected)
            for y, reference in zip(found, expected, strict=True):
                assert (type(y), y.dtype) == (type(reference), reference.dtype)
                np.testing.assert_array_equal(backend.to_numpy(y), backend.to_numpy(reference), err_msg=str(case))


CHECKS: Final[Mapping[str, Callable[[LayerCase, Backend], None]]] = {
    "value": check_value,
    "symbolic": check_symbolic,
    "config": check_config,
    "weights": check_weights,
    "stateless": check_stateless,
    "mixed_precision": check_mixed_precision,
    "gradient": check_gradient,
    "compiled": check_compiled,
    "training": check_training,
    "masks": check_masks,
    "program": check_program,
}
"""The checks by name; each takes a case and the backend, which must be active."""


# -- steps of the checks --


def built(case: LayerCase, **options: Any) -> Layer:
    """The layer of a case, built by a call, with weights that are neither zero nor one."""
    layer = case.make(**options)
    dtype = options.get("dtype", "float32")
    called(layer, case, dtype)
    random = np.random.default_rng(7)
    for w in layer.weights:
        values = random.uniform(0.3, 0.9, w.shape)
        # variances are positive
        w.assign(values if "variance" in w.name else values * random.choice([-1.0, 1.0], w.shape))
    return layer


def called(layer: Layer, case: LayerCase, dtype: str, convert: Callable[[Any], Any] = lambda x: x) -> Any:
    """Outputs for the inputs of a case; the layer's variables are what they were before."""
    args, kwargs = case.arguments(dtype)

    def tensor(x: Any) -> Any:
        return convert(x) if isinstance(x, np.ndarray) else x

    with restored(layer):
        return layer(*map_leaves(tensor, args), **map_leaves(tensor, kwargs))


@contextmanager
def restored(layer: Layer, keep: Any = ()) -> Iterator[None]:
    """Give the variables back their values at the end, so that random draws and averages can be repeated."""
    kept = {id(v) for v in keep}
    before = [(v, v.numpy().copy()) for v in layer.variables if id(v) not in kept]
    try:
        yield
    finally:
        for variable, value in before:
            variable.assign(value)


def to_arrays(structure: Any) -> Any:
    """Tensors in a structure as NumPy arrays, copied."""
    return map_leaves(lambda x: np.array(ops.convert_to_numpy(x)), structure)


def close(found: Any, expected: Any, tolerance: float, what: str) -> None:
    """Compare structures of arrays: relative and absolute difference up to `tolerance`."""
    results, references = tree.flatten(found), tree.flatten(expected)
    assert len(results) == len(references), f"{what}: {len(results)} results, expected {len(references)}"
    for x, y in zip(results, references, strict=True):
        x, y = np.asarray(x), np.asarray(y)
        assert x.shape == y.shape, f"{what}: shape {x.shape}, expected {y.shape}"
        np.testing.assert_allclose(_wide(x), _wide(y), rtol=tolerance, atol=tolerance, err_msg=what)


def _wide(x: Array) -> Array:
    return x.astype(np.float64) if x.dtype.kind in "fV" else x


def _symbolic(x: Any) -> Any:
    return KerasTensor(x.shape, x.dtype) if isinstance(x, np.ndarray) else x


def _first(size: int | None, x: Any) -> Any:
    return x[:size] if isinstance(x, np.ndarray) else x


def _stateful(layer: Layer) -> bool:
    return bool(getattr(layer, "stateful", False))


def _product(gradients: Any, directions: list[Array]) -> float:
    pairs = zip(gradients, directions, strict=True)
    return float(sum(np.sum(np.asarray(ops.convert_to_numpy(g), np.float64) * d) for g, d in pairs))
