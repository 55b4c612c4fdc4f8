"""Training, testing and predicting with single batches."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from dl_ops import tree
from dl_ops.backend import backend_scope
from dl_ops.interchange import convert_to_numpy
from dl_train.data import make_adapter
from dl_train.data.class_weights import ClassWeights
from dl_train.trainer.building import build_for
from dl_train.trainer.loops import Looping


class SingleBatches(Looping):
    """The part of a trainer that takes batches from the user's own loop."""

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Update the weights for one batch.

        Parameters
        ----------
        x, y, sample_weight : structure of arrays
        class_weight : dict from int to float, optional
        return_dict : bool, default False

        Returns
        -------
        float, list of float or dict from str to float
            Loss and metrics of this batch alone.
        """
        self._check_compiled("train_on_batch")
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("class_weight and sample_weight cannot be given both: multiply them yourself")
            sample_weight = ClassWeights(class_weight).of(y)
        return self._on_batch(self.make_train_function, self._trains_by_default(), x, y, sample_weight, return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Evaluate one batch; see `train_on_batch`."""
        self._check_compiled("test_on_batch")
        return self._on_batch(self.make_test_function, self._tests_by_default(), x, y, sample_weight, return_dict)

    def _on_batch(self, make: Any, by_default: bool, x: Any, y: Any, sample_weight: Any, return_dict: bool) -> Any:
        with backend_scope(self._own_backend()):
            batch = make_adapter(x, y, sample_weight, batch_size=sys.maxsize).peek()
            assert batch is not None
            build_for(self, batch)  # type: ignore[arg-type]  # a model
            self.reset_metrics()
            logs = self._final_logs(make()(*batch), by_default)
        return logs if return_dict else self._flat_results(logs)

    def predict_on_batch(self, x: Any) -> Any:
        """Outputs for one batch.

        Parameters
        ----------
        x : structure of arrays

        Returns
        -------
        structure of numpy.ndarray
        """
        with backend_scope(self._own_backend()):
            batch = make_adapter(x, batch_size=sys.maxsize).peek()
            assert batch is not None
            build_for(self, batch)  # type: ignore[arg-type]  # a model
            outputs = self.make_predict_function()(*batch)
        return tree.map_structure(lambda leaf: None if leaf is None else convert_to_numpy(leaf), outputs)
