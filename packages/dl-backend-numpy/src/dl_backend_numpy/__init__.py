"""NumPy as a backend of dl: the reference for the others, and enough to train with nothing else installed."""

from dl_backend_numpy.backend import NumpyBackend


def backend() -> NumpyBackend:
    """Entry point of the group ``dl.backends``."""
    return NumpyBackend()


__all__ = ["NumpyBackend", "backend"]
