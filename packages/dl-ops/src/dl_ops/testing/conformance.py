"""The conformance tests as a class that a backend's test module inherits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from fnmatch import fnmatchcase
from typing import Any, ClassVar

import numpy as np
import pytest

from dl_ops.backend.contract import Backend, UnsupportedOp
from dl_ops.backend.registry import get_backend
from dl_ops.op import registry
from dl_ops.testing.case import Case, all_cases, cases_in_other_dtypes
from dl_ops.testing.checks import check_default, check_signature, check_value_shape_dtype
from dl_ops.testing.digits import CALLS, check_digits
from dl_ops.testing.distributions import DRAWS, STEP_DRAWS, check_compiled_draws, check_distribution
from dl_ops.testing.gradients import check_gradient, check_jvp
from dl_ops.testing.identities import IDENTITIES, Identity, check_identity
from dl_ops.testing.misuses import Misuse, all_misuses, check_misuse
from dl_ops.testing.sampling import first_of_each, in_sample
from dl_ops.testing.sparse import (
    check_sparse,
    check_sparse_gradient,
    check_sparse_result,
    sparse_cases,
    sparse_tensor,
)

_CASES = [case for case in all_cases() if case.op in registry]
_WITH_DEFAULT = [case for case in _CASES if not case.definition.primitive]
_WITH_GRADIENT = [case for case in _CASES if case.gradient]
_WITH_BOTH = [case for case in _WITH_GRADIENT if not case.definition.primitive]
_WITH_SECOND = [case for case in _WITH_GRADIENT if case.second]
_OTHER_DTYPES = cases_in_other_dtypes(["float16", "bfloat16", "float64"])
_SPARSE = sparse_cases()
_FIRST = {
    check: {str(case) for case in first_of_each(cases, lambda case: case.op)}
    for check, cases in {"value": _CASES, "default": _WITH_DEFAULT, "gradient": _WITH_GRADIENT}.items()
}
_MISUSES = [misuse for misuse in all_misuses() if misuse.eager]


class Conformance:
    """Every op on one backend against NumPy in float64.

    Attributes
    ----------
    backend_name : str
        The backend under test.
    other_dtypes : sequence of str
        Float dtypes that every op is checked in once, whatever its cases are in.
    one_in : mapping from str to int
        Of how many cases one is put to a check, by the check's name, where compiling each takes its time. With pytest's
        option ``--exhaustive`` all are, and always the first of each op to those of values, defaults and gradients.
    examples : int
        With how many drawn arguments each identity is checked; few where compiling for each shape takes its time.
    compiled : bool
        Whether defaults and derivatives are computed in one compiled step each, where compiling op by op takes longer.
    known_failures : mapping from str to str
        Reasons by pattern of ``check:case``, as in ``{"gradient:svd*": "no gradient in the framework"}``. Strict: what
        starts to pass, fails.
    """

    backend_name: ClassVar[str]
    other_dtypes: ClassVar[Sequence[str]] = ("float16", "bfloat16", "float64")
    one_in: ClassVar[Mapping[str, int]] = {}
    examples: ClassVar[int] = 20
    compiled: ClassVar[bool] = False
    known_failures: ClassVar[Mapping[str, str]] = {}
    _exhaustive = False

    @pytest.fixture
    def backend(self, request: pytest.FixtureRequest) -> Backend:
        """The backend under test."""
        self._exhaustive = bool(request.config.getoption("exhaustive", False))
        return get_backend(self.backend_name)

    @pytest.mark.parametrize("case", _CASES, ids=str)
    def test_value_shape_and_dtype(self, case: Case, backend: Backend) -> None:
        self._check("value", case, lambda: check_value_shape_dtype(case, backend))

    @pytest.mark.parametrize("case", _OTHER_DTYPES, ids=str)
    def test_other_dtypes(self, case: Case, backend: Backend) -> None:
        (dtype,) = case.dtypes
        if dtype not in self.other_dtypes:
            pytest.skip(f"not every op is checked in {dtype} on {backend.name}")
        with backend.float64_scope() if dtype == "float64" else nullcontext():
            self._check("dtype", case, lambda: check_value_shape_dtype(case, backend))

    @pytest.mark.parametrize("case", _WITH_DEFAULT, ids=str)
    def test_default(self, case: Case, backend: Backend) -> None:
        if case.op not in backend.kernels:
            pytest.skip("the default is what runs anyway")
        self._check("default", case, lambda: check_default(case, backend, compiled=self.compiled))

    @pytest.mark.parametrize("case", _WITH_GRADIENT, ids=str)
    def test_gradient(self, case: Case, backend: Backend) -> None:
        if not backend.trainable:
            pytest.skip(f"{backend.name} computes no gradients")
        self._check("gradient", case, lambda: check_gradient(case, backend, compiled=self.compiled))

    @pytest.mark.parametrize("case", _WITH_GRADIENT, ids=str)
    def test_jvp(self, case: Case, backend: Backend) -> None:
        if not backend.trainable:
            pytest.skip(f"{backend.name} computes no gradients")
        self._check("jvp", case, lambda: check_jvp(case, backend, compiled=self.compiled))

    @pytest.mark.parametrize("case", _WITH_BOTH, ids=str)
    def test_gradient_of_default(self, case: Case, backend: Backend) -> None:
        if not backend.trainable:
            pytest.skip(f"{backend.name} computes no gradients")
        if case.op not in backend.kernels:
            pytest.skip("the default is what runs anyway")
        self._check(
            "default gradient", case, lambda: check_gradient(case, backend, default=True, compiled=self.compiled)
        )

    @pytest.mark.parametrize("case", _WITH_SECOND, ids=str)
    def test_second_derivative(self, case: Case, backend: Backend) -> None:
        if not backend.trainable:
            pytest.skip(f"{backend.name} computes no gradients")
        self._check("second", case, lambda: check_gradient(case, backend, second=True, compiled=self.compiled))

    @pytest.mark.parametrize("identity", IDENTITIES, ids=str)
    def test_identity(self, identity: Identity, backend: Backend) -> None:
        self._check("identity", identity, lambda: check_identity(identity, backend, examples=self.examples))

    # PyTorch says of its sparse tensors that they are new
    @pytest.mark.filterwarnings("ignore:Sparse")
    @pytest.mark.parametrize("case", _SPARSE, ids=str)
    def test_sparse_arguments(self, case: Case, backend: Backend) -> None:
        self._check_sparse(case, backend, "sparse", check_sparse)

    @pytest.mark.filterwarnings("ignore:Sparse")
    @pytest.mark.parametrize("name", ["multi_hot", "one_hot"])
    def test_sparse_results(self, name: str, backend: Backend) -> None:
        self._skip_without_sparse_tensors(backend)
        check_sparse_result(name, backend)

    @pytest.mark.filterwarnings("ignore:Sparse")
    @pytest.mark.parametrize("case", [case for case in _SPARSE if case.gradient], ids=str)
    def test_gradient_with_sparse_arguments(self, case: Case, backend: Backend) -> None:
        if not backend.trainable:
            pytest.skip(f"{backend.name} computes no gradients")
        self._check_sparse(case, backend, "sparse gradient", check_sparse_gradient)

    def _check_sparse(self, case: Case, backend: Backend, name: str, check: Callable[[Case, Backend], None]) -> None:
        self._skip_without_sparse_tensors(backend)
        self._check(name, case, lambda: check(case, backend))

    def _skip_without_sparse_tensors(self, backend: Backend) -> None:
        try:
            sparse_tensor(backend, np.ones(1, "float32"))
        except UnsupportedOp as error:
            pytest.skip(str(error))

    @pytest.mark.parametrize("name", CALLS)
    def test_numbers_keep_their_digits(self, name: str, backend: Backend) -> None:
        check_digits(name, backend)

    @pytest.mark.parametrize("misuse", _MISUSES, ids=str)
    def test_misuse(self, misuse: Misuse, backend: Backend) -> None:
        self._check("misuse", misuse, lambda: check_misuse(misuse, backend))

    @pytest.mark.parametrize("name", DRAWS)
    def test_distribution(self, name: str, backend: Backend) -> None:
        check_distribution(name, backend)

    # PyTorch's compiler knows no draws that are repeated until they fit
    @pytest.mark.filterwarnings("ignore:the step runs eagerly")
    @pytest.mark.parametrize("group", STEP_DRAWS)
    def test_compiled_steps_draw_anew(self, group: str, backend: Backend) -> None:
        if not backend.trainable:
            pytest.skip(f"{backend.name} compiles no draws")
        check_compiled_draws(group, backend)

    def test_signatures_of_kernels(self, backend: Backend) -> None:
        for name, kernel in backend.kernels.items():
            assert name in registry, f"{backend.name} has a kernel for {name!r}, which is no op"
            check_signature(name, registry[name], kernel)

    def test_every_primitive_has_a_kernel(self, backend: Backend) -> None:
        missing = sorted(name for name, op in registry.items() if op.primitive and name not in backend.kernels)
        expected = {name for name in missing if self._reason("kernel", name) is not None}
        assert set(missing) == expected, (
            f"primitive ops without a kernel on {backend.name}: {sorted(set(missing) - expected)}"
        )

    def _reason(self, check: str, name: str) -> str | None:
        return next(
            (why for pattern, why in self.known_failures.items() if fnmatchcase(f"{check}:{name}", pattern)), None
        )

    def _check(self, check: str, case: Case | Identity | Misuse, run: Callable[[], Any]) -> None:
        every = 1 if self._exhaustive else self.one_in.get(check, 1)
        if str(case) not in _FIRST.get(check, ()) and not in_sample(case, every):
            pytest.skip(f"one case in {every} is put to this check on {self.backend_name}, all with --exhaustive")
        reason = self._reason(check, str(case))
        if reason is None:
            run()
            return
        try:
            run()
        except Exception:
            pytest.xfail(reason)
        pytest.fail(f"{check}:{case} passes now: take it out of known_failures ({reason})")
