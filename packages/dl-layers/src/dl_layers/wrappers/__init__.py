"""Layers that run another layer."""

from dl_layers.wrappers.bidirectional import Bidirectional
from dl_layers.wrappers.time_distributed import TimeDistributed
from dl_layers.wrappers.wrapper import Wrapper

__all__ = ["Bidirectional", "TimeDistributed", "Wrapper"]
