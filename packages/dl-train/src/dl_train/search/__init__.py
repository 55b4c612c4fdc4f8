"""Searches for what to train with: a learning rate, and the largest batch that fits."""

from dl_train.search.batch_size import BatchSizes, find_batch_size
from dl_train.search.learning_rate import LearningRates, find_learning_rate

__all__ = ["BatchSizes", "LearningRates", "find_batch_size", "find_learning_rate"]
