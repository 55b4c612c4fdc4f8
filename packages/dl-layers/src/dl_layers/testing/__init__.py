"""The conformance kit of layers: one table of layers and configurations, and the checks that each must pass.

The table of this package is `cases`; other packages write rows for their own layers and run them through the same
checks, on every backend installed::

    import pytest
    from dl_layers.testing import CHECKS


    @pytest.mark.parametrize("case", CASES, ids=str)
    @pytest.mark.parametrize("check", CHECKS)
    def test_conformance(check, case, backend):
        CHECKS[check](case, backend)
"""

from dl_layers.testing.case import LayerCase, Recipe, cases
from dl_layers.testing.checks import CHECKS, close

__all__ = ["CHECKS", "LayerCase", "Recipe", "cases", "close"]
