"""What preprocessing layers have in common: they run on the tensors they are given, of whatever backend."""

from __future__ import annotations

from typing import Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_ops.backend import Backend, backend_scope, current_backend
from dl_ops.random import SeedGenerator


class DataLayer(Layer):
    """Layer that belongs to no backend, so that one instance serves in a model and in a data pipeline of another
    framework.

    State that its computation needs is kept as NumPy arrays, and converted to the backend of the inputs.
    """

    def __init__(self, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.__dict__["_backend"] = None

    def _own_backend(self) -> Backend:
        return current_backend()


class RandomDataLayer(DataLayer):
    """Preprocessing layer that draws.

    Parameters
    ----------
    seed : int, optional
    **options
        As for `Layer`.
    """

    def __init__(self, seed: int | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.seed = seed
        self.generator = SeedGenerator(seed)
        self._generators: dict[Backend, SeedGenerator]
        # by backend, and no parts of the layer
        self._untracked("_generators", {self.generator.state.backend: self.generator})

    def generator_here(self) -> SeedGenerator:
        """Seed generator on the active backend: a data pipeline of another framework gets its own."""
        backend = current_backend()
        generators = self._generators
        if backend not in generators:
            with backend_scope(backend):
                generators[backend] = SeedGenerator(self.generator.seed)
        return generators[backend]
