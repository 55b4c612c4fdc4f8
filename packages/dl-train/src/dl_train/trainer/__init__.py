"""The training loop of models."""

from dl_train.trainer.trainer import Trainer

__all__ = ["Trainer"]
