"""dl on TensorFlow: kernels, gradients and compiled steps."""
