"""Seeds and keys: what repeats and what does not."""

from __future__ import annotations

import json
import random as python_random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_ops import Function, KerasTensor, Variable, backend_scope, ops, random
from dl_ops.backend import registry
from dl_ops.scopes import StatelessScope, symbolic_scope

SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(autouse=True)
def _numpy() -> Iterator[None]:
    with backend_scope("numpy"):
        yield


@given(SEEDS)
def test_generator_counts_up_from_its_seed(seed: int) -> None:
    with backend_scope("numpy"):
        generator = random.SeedGenerator(seed)
        assert [generator.next().tolist() for _ in range(3)] == [[seed, 0], [seed, 1], [seed, 2]]


def test_keys_already_drawn_do_not_change() -> None:
    generator = random.SeedGenerator(1)
    first = generator.next()
    generator.next()
    assert first.tolist() == [1, 0]


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "1", True])
def test_generator_refuses(seed: object) -> None:
    with pytest.raises(ValueError, match=r"SeedGenerator\(seed="):
        random.SeedGenerator(seed)  # type: ignore[arg-type]


def test_generator_config_and_variables_round_trip() -> None:
    generator = random.SeedGenerator(5, name="mine")
    assert generator.get_config() == {"seed": 5, "name": "mine"}
    generator.next()
    store: dict[str, np.ndarray] = {}
    generator.save_own_variables(store)
    other = random.SeedGenerator.from_config(generator.get_config())
    other.load_own_variables(store)
    assert other.next().tolist() == [5, 1]
    with pytest.raises(ValueError, match="expected one saved variable"):
        other.load_own_variables({})


def test_default_seeds_follow_python() -> None:
    python_random.seed(3)
    first = random.SeedGenerator().seed
    python_random.seed(3)
    assert random.SeedGenerator().seed == first


def test_integer_seeds_repeat_generators_and_none_do_not() -> None:
    generator = random.SeedGenerator(1)
    for seed, repeats in ((1, True), (generator, False), (None, False)):
        a, b = (random.normal((8,), seed=seed) for _ in range(2))
        assert np.array_equal(a, b) == repeats


def test_global_seed_starts_again() -> None:
    random.set_global_seed(9)
    a, b = random.uniform((4,)), random.uniform((4,))
    random.set_global_seed(9)
    np.testing.assert_array_equal([random.uniform((4,)), random.uniform((4,))], [a, b])
    random.set_global_seed(None)
    assert not np.array_equal(random.uniform((4,)), a)


def test_shapes_are_inferred_without_drawing() -> None:
    generator = random.SeedGenerator(2)
    with symbolic_scope():
        y = random.dropout(random.normal((2, 3), seed=generator), 0.5, seed=generator)
    assert isinstance(y, KerasTensor)
    assert y.shape == (2, 3)
    assert generator.state.numpy().tolist() == [2, 0]


def test_stateless_scope_takes_the_new_state() -> None:
    generator = random.SeedGenerator(2)
    with StatelessScope([(generator.state, np.array([2, 7], "uint32"))]) as scope:
        assert generator.next().tolist() == [2, 7]
    assert scope.get_current_value(generator.state).tolist() == [2, 8]
    assert generator.state.numpy().tolist() == [2, 0]


def test_graphs_draw_anew_at_each_run() -> None:
    x = KerasTensor((None, 64))
    y = random.dropout(x, 0.5, seed=random.SeedGenerator(1))
    function = Function([x], [y])
    ones = np.ones((1, 64), "float32")
    (a,), (b,) = function([ones]), function([ones])
    assert not np.array_equal(a, b)


def test_dropout_shares_its_mask_along_axes_of_size_one() -> None:
    y = random.dropout(np.ones((50, 4), "float32"), 0.5, noise_shape=(None, 1), seed=1)
    assert set(y.sum(axis=1).tolist()) == {0.0, 8.0}


@pytest.mark.parametrize("rate", [0, 1])
def test_dropout_of_nothing_and_of_everything(rate: float) -> None:
    x = np.arange(4, dtype="float32")
    np.testing.assert_array_equal(random.dropout(x, rate, seed=1), x * (1 - rate))


def test_unfit_arguments_are_named() -> None:
    ones = np.ones((2, 3), "float32")
    for call, message in (
        (lambda: random.dropout(ones, 1.5), r"dropout\(.*rate=1.5"),
        (lambda: random.dropout(ones, 0.5, noise_shape=(2,)), "noise_shape"),
        (lambda: random.dropout(ones, 0.5, noise_shape=(2, 2)), "noise_shape"),
        (lambda: random.uniform((2,), dtype="int32"), r"uniform\(dtype='int32'\)"),
        (lambda: random.randint((2,), 0, 3, dtype="float32"), r"randint\(dtype='float32'\)"),
        (lambda: random.normal((2,), seed="a"), r"seed='a'"),  # type: ignore[arg-type]
        (lambda: random.categorical(ones[0], 2), "logits"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


@given(SEEDS, SEEDS)
def test_host_generators_differ_by_key_and_agree_with_themselves(seed: int, counter: int) -> None:
    draws = [random.host_generator((seed, counter)).standard_normal(4) for _ in range(2)]
    np.testing.assert_array_equal(*draws)
    other = random.host_generator((seed, (counter + 1) % 2**32)).standard_normal(4)
    assert not np.array_equal(draws[0], other)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_uniform_numbers_stay_below_one_in_every_dtype(dtype: str) -> None:
    x = np.asarray(ops.cast(random.uniform((20000,), dtype=dtype, seed=1), "float64"))
    assert 0 <= x.min() < 0.01
    assert 0.99 < x.max() < 1


def test_a_variable_of_keys_can_be_drawn_from() -> None:
    key = Variable(np.array([1, 2], "uint32"), dtype="uint32", trainable=False)
    np.testing.assert_array_equal(
        random.random_uniform(key, (3,), "float32"), random.random_uniform(np.array([1, 2], "uint32"), (3,), "float32")
    )


def test_frameworks_are_seeded_when_they_are_there_and_when_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    class Framework:
        name = "example"
        seeds: list[int]

        def __init__(self) -> None:
            self.seeds = []

        def seed_framework(self, seed: int) -> None:
            self.seeds.append(seed)

    first, second = Framework(), Framework()
    monkeypatch.setattr(registry, "_loaded", dict(registry._loaded))
    monkeypatch.setattr(registry, "_framework_seed", None)
    monkeypatch.setattr(registry, "_deterministic", False)
    registry.register_backend("example_first", first)  # type: ignore[arg-type]
    random.set_random_seed(11)
    registry.register_backend("example_second", second)  # type: ignore[arg-type]
    assert first.seeds == second.seeds == [11]


def test_frameworks_are_made_deterministic_when_they_are_there_and_when_they_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Framework:
        name = "example"
        deterministic = False

        def enable_determinism(self) -> None:
            self.deterministic = True

    first, second, before = Framework(), Framework(), Framework()
    monkeypatch.setattr(registry, "_loaded", {})
    monkeypatch.setattr(registry, "_deterministic", False)
    monkeypatch.setattr(registry, "_framework_seed", None)
    registry.register_backend("example_first", first)  # type: ignore[arg-type]
    assert not first.deterministic
    registry.enable_determinism()
    registry.register_backend("example_second", second)  # type: ignore[arg-type]
    assert (first.deterministic, second.deterministic, before.deterministic) == (True, True, False)


def test_what_a_framework_draws_while_it_is_imported_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        name = value = "example"

        def load(self) -> Any:
            python_random.random()
            np.random.rand(1000)
            return lambda: registry.get_backend("numpy")

    monkeypatch.setattr(registry, "_loaded", dict(registry._loaded))
    monkeypatch.setattr(registry, "_entry_points", lambda: {"example": Point()})
    random.set_random_seed(5)
    expected = python_random.random(), np.random.rand()
    random.set_random_seed(5)
    registry.get_backend("example")
    assert (python_random.random(), np.random.rand()) == expected


def test_a_seed_makes_pythons_and_numpys_generators_repeat() -> None:
    def draw() -> list[float]:
        return [python_random.random(), np.random.rand(), float(np.asarray(random.uniform(())))]

    random.set_random_seed(4)
    first = draw()
    random.set_random_seed(4)
    assert draw() == first


@pytest.mark.parametrize("kind", [np.random.MT19937, np.random.PCG64, np.random.Philox, np.random.SFC64])
def test_generators_go_back_to_where_they_stood(kind: Any) -> None:
    before = np.random.get_bit_generator()  # type: ignore[attr-defined]  # NumPy's stubs lack it
    np.random.set_bit_generator(kind(3))  # type: ignore[attr-defined]  # as above
    try:
        python_random.gauss(0, 1)  # keeps a second number for the next call
        np.random.standard_normal()
        state = json.loads(json.dumps(random.host_random_state()))
        draw = [python_random.gauss(0, 1), python_random.random(), np.random.standard_normal(), np.random.rand()]
        random.set_host_random_state(state)
        assert [
            python_random.gauss(0, 1),
            python_random.random(),
            np.random.standard_normal(),
            np.random.rand(),
        ] == draw
    finally:
        np.random.set_bit_generator(before)  # type: ignore[attr-defined]  # as above


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: state.pop("python"),
        lambda state: state["python"].update(numbers={"dtype": "object", "base64": ""}),
        lambda state: state["python"].update(numbers={"dtype": "uint32", "base64": "AAAA"}),
        lambda state: state["numpy"].update(bit_generator="PCG64"),
        lambda state: state.update(numpy=3),
    ],
)
def test_a_state_of_generators_that_is_none_is_refused(damage: Any) -> None:
    state = random.host_random_state()
    damage(state)
    with pytest.raises(ValueError, match="none that can be set"):
        random.set_host_random_state(state)
