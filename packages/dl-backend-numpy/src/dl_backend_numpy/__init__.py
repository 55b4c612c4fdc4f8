"""dl on NumPy alone: kernels, gradients by a tape, training."""
