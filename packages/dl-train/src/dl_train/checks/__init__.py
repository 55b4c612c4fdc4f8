"""Checks before a long training: that everything runs, that the data suit the model, that it can learn at all."""

from dl_train.checks.report import Finding, Report
from dl_train.checks.runs import Overfitting, fast_dev_run, overfit_one_batch
from dl_train.checks.training import check_training

__all__ = ["Finding", "Overfitting", "Report", "check_training", "fast_dev_run", "overfit_one_batch"]
