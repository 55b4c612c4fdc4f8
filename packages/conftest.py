"""What the tests of all packages share."""

pytest_plugins = ["dl_ops.testing.pytest_backends"]

# what these have is reached by way of other files, which have the examples; they import a framework
_OF_A_FRAMEWORK = {
    "dl-layers/src/dl_layers/interop": ("jax_function", "nnx_module", "tf_module", "torch_module"),
    "dl-saving/src/dl_saving/export": ("litert_model", "onnx_graph", "openvino_ir", "tf_saved_model", "torch_program"),
}
collect_ignore = [f"{folder}/{name}.py" for folder, names in _OF_A_FRAMEWORK.items() for name in names]
