"""dl on OpenVINO: kernels and compiled inference."""
