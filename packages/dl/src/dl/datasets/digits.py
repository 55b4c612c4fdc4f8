"""The UCI handwritten digits, shipped with the package."""

from dl_preprocess.datasets.digits import load_data

__all__ = ["load_data"]
