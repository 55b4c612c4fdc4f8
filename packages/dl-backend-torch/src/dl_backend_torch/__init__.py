"""dl on PyTorch: kernels, gradients and compiled steps."""
