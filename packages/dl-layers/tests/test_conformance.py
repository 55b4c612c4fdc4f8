"""Every layer and configuration of the table, through every check, on every backend installed."""

from __future__ import annotations

import pytest

import dl_layers
from dl_layers.testing import CHECKS, LayerCase, cases
from dl_ops.backend import Backend

# what is called otherwise than on tensors, or is no layer of its own
WITHOUT_ROW = {"Layer", "InputLayer", "Wrapper"}
# one framework's own, for the tests of all packages together
OF_A_FRAMEWORK = {"JaxLayer", "FlaxLayer", "TorchModuleWrapper", "TFSMLayer"}


@pytest.mark.parametrize("case", cases(), ids=str)
@pytest.mark.parametrize("check", CHECKS)
def test_conformance(check: str, case: LayerCase, backend: Backend) -> None:
    CHECKS[check](case, backend)


def test_every_public_layer_has_a_row() -> None:
    public = {name: getattr(dl_layers, name) for name in dl_layers.__all__}
    layers = {name for name, x in public.items() if isinstance(x, type) and issubclass(x, dl_layers.Layer)}
    assert layers - {case.recipe.name for case in cases()} == WITHOUT_ROW | OF_A_FRAMEWORK


def test_rows_have_different_names() -> None:
    names = [str(case) for case in cases()]
    assert sorted(names) == sorted(set(names))
