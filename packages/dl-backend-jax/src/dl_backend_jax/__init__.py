"""dl on JAX: kernels, gradients and compiled steps."""
