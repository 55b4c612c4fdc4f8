"""What a layer expects of its inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_layers import InputSpec, Layer
from dl_layers.layer.input_spec import check_inputs
from dl_ops import ops

SIZES = st.integers(1, 4)


def fits(spec: InputSpec, *shape: int, dtype: str = "float32") -> bool:
    return spec.mismatch(shape, dtype) is None


@settings(deadline=None)
@given(shape=st.lists(SIZES, max_size=4).map(tuple), ndim=st.integers(0, 5))
def test_ranks(shape: tuple[int, ...], ndim: int) -> None:
    assert fits(InputSpec(ndim=ndim), *shape) == (len(shape) == ndim)
    assert fits(InputSpec(min_ndim=ndim), *shape) == (len(shape) >= ndim)
    assert fits(InputSpec(max_ndim=ndim), *shape) == (len(shape) <= ndim)


@settings(deadline=None)
@given(data=st.data(), shape=st.lists(SIZES, min_size=1, max_size=4).map(tuple))
def test_sizes(data: st.DataObject, shape: tuple[int, ...]) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    size = data.draw(SIZES)
    assert fits(InputSpec(axes={axis: size}), *shape) == (shape[axis] == size)
    general = tuple(n if data.draw(st.booleans()) else None for n in shape)
    assert fits(InputSpec(shape=general), *shape)
    assert not fits(InputSpec(shape=(*general, None)), *shape)
    assert InputSpec(shape=general).mismatch(general, "float32") is None


def test_dtypes_and_last_axes_of_size_one() -> None:
    assert not fits(InputSpec(dtype="int32"), 2)
    assert fits(InputSpec(dtype="int32"), 2, dtype="int32")
    spec = InputSpec(shape=(None, 1), allow_last_axis_squeeze=True)
    assert fits(spec, 3)
    assert fits(spec, 3, 1)
    assert not fits(spec, 3, 2)
    assert fits(InputSpec(shape=(None,), allow_last_axis_squeeze=True), 3, 1)


def test_configurations() -> None:
    spec = InputSpec(dtype="int32", min_ndim=2, axes={-1: 3}, name="x", optional=True)
    assert InputSpec.from_config(spec.get_config()).get_config() == spec.get_config()
    assert repr(InputSpec(ndim=4, axes={-1: 3})) == "InputSpec(ndim=4, axes={-1: 3})"


@pytest.mark.parametrize(
    ("specs", "inputs", "message"),
    [
        (InputSpec(ndim=2), np.ones(3), r"input 0 of layer 'l' is incompatible.*ndim=2.*ndim=1.*\(3,\)"),
        ([InputSpec(), InputSpec()], [np.ones(3)], "expects 2 input"),
        ([InputSpec(), InputSpec(ndim=1)], [np.ones(3), np.ones((2, 2))], "input 1 of layer 'l'"),
        ({"a": InputSpec(), "b": InputSpec(optional=True)}, {"b": np.ones(2)}, r"missing inputs \['a'\]"),
        (InputSpec(), 3.0, "should be a tensor, got float"),
        (InputSpec(), None, "should be a tensor, got NoneType"),
        (InputSpec(shape=(None, 3)), np.ones((2, 4)), r"expected shape=\(None, 3\).*\(2, 4\)"),
    ],
)
def test_messages(specs: Any, inputs: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_inputs(specs, inputs, "l")


def test_what_may_be_missing() -> None:
    check_inputs({"a": InputSpec(), "b": InputSpec(optional=True)}, {"a": np.ones(2)}, "l")
    check_inputs([InputSpec(), InputSpec(optional=True)], [np.ones(2), None], "l")


def test_a_layer_looks_at_its_first_argument() -> None:
    class Pair(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.input_spec = [InputSpec(ndim=2), InputSpec(ndim=1)]

        def call(self, xs: Any) -> Any:
            return ops.add(*xs)

    assert Pair()([np.ones((2, 3)), np.ones(3)]).shape == (2, 3)
    with pytest.raises(ValueError, match="input 1 of layer"):
        Pair()([np.ones((2, 3)), np.ones((2, 3))])
