"""All builders of nodes, from the modules that mirror those of the ops."""

from __future__ import annotations

from dl_backend_openvino import core, linalg, math, nn, numpy
from dl_ops.backend import Kernels

kernels = Kernels(*[package.kernels for package in (core, linalg, math, nn, numpy)])
