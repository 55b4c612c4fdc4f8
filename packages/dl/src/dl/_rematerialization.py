"""What layers compute again instead of remembering, ``keras.RematScope``."""

from dl_layers.layer import RematScope

__all__ = ["RematScope"]
