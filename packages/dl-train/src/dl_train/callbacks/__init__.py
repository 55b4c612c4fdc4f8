"""Callbacks: what happens beside training, ``keras.callbacks``."""

from dl_train.callbacks.backup import BackupAndRestore
from dl_train.callbacks.base import Callback
from dl_train.callbacks.checkpoint import ModelCheckpoint
from dl_train.callbacks.collection import CallbackList
from dl_train.callbacks.functions import LambdaCallback
from dl_train.callbacks.history import History
from dl_train.callbacks.logging import CSVLogger
from dl_train.callbacks.orbax_checkpoint import OrbaxCheckpoint
from dl_train.callbacks.profiler import StepProfiler
from dl_train.callbacks.progress import ProgbarLogger
from dl_train.callbacks.rates import LearningRateScheduler, ReduceLROnPlateau
from dl_train.callbacks.remote import RemoteMonitor
from dl_train.callbacks.stopping import EarlyStopping, TerminateOnNaN
from dl_train.callbacks.swap_ema import SwapEMAWeights
from dl_train.callbacks.tensorboard import TensorBoard

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "OrbaxCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "StepProfiler",
    "TensorBoard",
    "TerminateOnNaN",
]
