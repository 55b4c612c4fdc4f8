"""TensorFlow as a backend of dl. TensorFlow is imported when the backend is asked for, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dl_backend_tf.engine import TfBackend


def backend() -> TfBackend:
    """Entry point of the group ``dl.backends``."""
    from dl_backend_tf.quiet import quiet_import

    with quiet_import():
        from dl_backend_tf.engine import TfBackend

    return TfBackend()


__all__ = ["backend"]
