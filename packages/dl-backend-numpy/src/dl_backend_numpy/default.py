"""The defaults of ops, for arguments that their kernels here do not cover."""

from __future__ import annotations

from typing import Final

from dl_ops.dispatch.defaults import defaults_of

default: Final = defaults_of("numpy")
