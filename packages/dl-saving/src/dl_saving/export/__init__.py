"""Models as programs for inference, in formats of other libraries; each is imported when it is written."""

from dl_saving.export.api import export_model

__all__ = ["export_model"]
