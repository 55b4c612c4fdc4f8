"""Every optimizer of the table, on NumPy."""

from __future__ import annotations

import pytest

from dl_ops.backend import Backend
from dl_train import optimizers
from dl_train.optimizers import Optimizer
from dl_train.testing.optimizer_table import cases
from dl_train.testing.optimizers import CHECKS, OptimizerCase

WRAPPERS = {"LossScaleOptimizer", "MultiOptimizer"}
"""Optimizers without a step of their own, which have tests of their own."""


@pytest.mark.parametrize("case", cases(), ids=str)
@pytest.mark.parametrize("check", CHECKS)
def test_conformance(check: str, case: OptimizerCase, trainable_backend: Backend) -> None:
    CHECKS[check](case, trainable_backend)


def test_every_public_optimizer_has_cases() -> None:
    public = {
        name
        for name, obj in vars(optimizers).items()
        if name in optimizers.__all__ and isinstance(obj, type) and issubclass(obj, Optimizer)
    }
    assert public - {"Optimizer"} - WRAPPERS == {case.name for case in cases()}
