"""The models that are public at the top: apart from `dl.models`, as that also reads and writes files."""

from dl_train.models import Model, Sequential

__all__ = ["Model", "Sequential"]
