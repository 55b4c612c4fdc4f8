"""Keras 3's API on NumPy, JAX, PyTorch, TensorFlow and OpenVINO, side by side in one process.

``import dl`` loads nothing: a part is loaded when it is first used, a framework when its first tensor is made.
"""

# The names stand in __init__.pyi alone, where editors and type checkers read them; lazy_loader reads them there too
# and imports each when it is asked for. A second list here, or a __getattr__ of our own, could disagree with it.
import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
