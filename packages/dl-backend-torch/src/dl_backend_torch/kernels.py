"""All kernels, from the modules that mirror those of the ops."""

from __future__ import annotations

from dl_backend_torch import core, image, linalg, math, nn, numpy, random
from dl_ops.backend import Kernels

kernels = Kernels(*[package.kernels for package in (core, image, linalg, math, nn, numpy, random)])
