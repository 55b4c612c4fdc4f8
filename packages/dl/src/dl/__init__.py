"""Keras 3's API on NumPy, JAX, PyTorch, TensorFlow and OpenVINO, side by side in one process."""
