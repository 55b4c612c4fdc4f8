"""From whatever data a model is given to batches of arrays."""

from dl_train.data.adapter import DataAdapter
from dl_train.data.epoch_iterator import EpochIterator
from dl_train.data.packing import pack_x_y_sample_weight, unpack_x_y_sample_weight
from dl_train.data.py_dataset import PyDataset
from dl_train.data.sample_dataset import SampleDataset
from dl_train.data.select import make_adapter
from dl_train.data.split_dataset import split_dataset
from dl_train.data.splitting import train_validation_split

__all__ = [
    "DataAdapter",
    "EpochIterator",
    "PyDataset",
    "SampleDataset",
    "make_adapter",
    "pack_x_y_sample_weight",
    "split_dataset",
    "train_validation_split",
    "unpack_x_y_sample_weight",
]
