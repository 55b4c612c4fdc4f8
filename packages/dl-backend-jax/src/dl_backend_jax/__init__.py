"""JAX as a backend of dl. JAX is imported when the backend is asked for, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dl_backend_jax.engine import JaxBackend


def backend() -> JaxBackend:
    """Entry point of the group ``dl.backends``."""
    from dl_backend_jax.engine import JaxBackend

    return JaxBackend()


__all__ = ["backend"]
