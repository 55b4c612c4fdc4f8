"""Models, one trainer for every backend, optimizers, losses, metrics and callbacks."""

from dl_train.models import Functional, Model, Sequential

__all__ = ["Functional", "Model", "Sequential"]
