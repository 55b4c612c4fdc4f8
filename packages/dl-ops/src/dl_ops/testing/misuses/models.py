"""Misuses of ops of neural networks, images, signals and random numbers, and of control flow."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_ops.testing.misuses.misuse import Misuse

_IMAGES: Final = np.ones((2, 6, 6, 4), "float32")
_KERNEL: Final = np.ones((3, 3, 4, 5), "float32")
_X: Final = np.ones((2, 3), "float32")
_NUMBER: Final = np.ones((), "float32")
_LINE: Final = np.ones(8, "float32")
_KEY: Final = np.array([1, 2], "uint32")
_CONVOLUTIONS: Final = ("conv", "depthwise_conv", "conv_transpose")
_POOLS: Final = ("max_pool", "average_pool")
_LABELS: Final = np.ones((2, 3), "int32")
_TRUE: Final = np.array(True)
_LENGTHS: Final = np.full(2, 3, "int32")
_LOGITS: Final = np.ones((2, 6, 5), "float32")


def _conv(op: str, message: str, label: str, error: type[Exception] = ValueError, **kwargs: Any) -> Misuse:
    kernel = np.ones((3, 3, 5, 4), "float32") if op == "conv_transpose" else _KERNEL
    return Misuse(op, [_IMAGES, kernel], message, error, kwargs, label)


MISUSES: Final = (
    *(_conv(op, "strides=0", "no-strides", strides=0) for op in _CONVOLUTIONS),
    *(_conv(op, r"strides=\(1, 1, 1\)", "three-strides", strides=(1, 1, 1)) for op in _CONVOLUTIONS),
    *(_conv(op, "dilation_rate=0", "no-dilation", dilation_rate=0) for op in _CONVOLUTIONS),
    *(_conv(op, "padding='nonesuch'", "padding", padding="nonesuch") for op in _CONVOLUTIONS),
    *(_conv(op, "data_format='nonesuch'", "format", data_format="nonesuch") for op in _CONVOLUTIONS),
    *(Misuse(op, [_X, _KERNEL], r"\(2, 3\)", label="rank") for op in _CONVOLUTIONS),
    *(Misuse(op, [_IMAGES, _X], r"\(2, 3\)", label="kernel-rank") for op in _CONVOLUTIONS),
    *(Misuse(op, [_IMAGES[..., :3], _KERNEL], r"3.*4|4.*3", label="channels") for op in ("conv", "depthwise_conv")),
    Misuse("conv", [_IMAGES[:, :2], _KERNEL], r"\(3, 3\).*\(2, 6\)", label="window"),
    Misuse("separable_conv", [_IMAGES, _KERNEL, _KERNEL], r"pointwise_kernel", label="pointwise"),
    *(Misuse(op, [_IMAGES, 7], r"7.*\(6, 6\)|\(7, 7\)", label="window") for op in _POOLS),
    *(Misuse(op, [_IMAGES, 0], "pool_size=0", label="empty-window") for op in _POOLS),
    *(Misuse(op, [_IMAGES, (2, 2, 2)], "pool_size=", label="three-sizes") for op in _POOLS),
    *(Misuse(op, [_IMAGES, 2, 0], "strides=0", label="no-strides") for op in _POOLS),
    *(Misuse(op, [_X, 2], r"\(2, 3\)", label="rank") for op in _POOLS),
    Misuse("batch_normalization", [_X, _LINE, _LINE, -1], r"mean.*\(8,\)", label="mean"),
    Misuse("layer_normalization", [_X, _LINE], r"gamma.*\(8,\)", label="gamma"),
    Misuse("rms_normalization", [_X, _LINE], r"scale.*\(8,\)", label="scale"),
    Misuse("normalize", [_X, -1, 0], "order=0", label="order"),
    Misuse("glu", [_X, 1], r"axis=1.*\(2, 3\)|\(2, 3\).*axis=1|3", label="odd"),
    Misuse("dot_product_attention", [_IMAGES, _IMAGES[..., :3], _IMAGES], r"key|head", label="sizes"),
    Misuse("dot_product_attention", [_X, _X, _X], r"query.*\(2, 3\)|\(2, 3\)", label="rank"),
    Misuse("binary_crossentropy", [_X, _LINE], r"\(2, 3\).*\(8,\)", label="shapes"),
    Misuse("categorical_crossentropy", [_X, _LINE], r"\(2, 3\).*\(8,\)", label="shapes"),
    Misuse("categorical_crossentropy", [_NUMBER, _NUMBER], r"\(\)", label="numbers"),
    Misuse("sparse_categorical_crossentropy", [np.zeros(3, "int32"), _X], r"\(3,\).*\(2,\)", label="shapes"),
    Misuse("ctc_loss", [_LABELS, _X, _LENGTHS, _LENGTHS], r"output.*\(2, 3\)", label="output"),
    Misuse("ctc_loss", [_LABELS, _LOGITS, _LENGTHS[:1], _LENGTHS], r"target_length.*\(1,\)", label="length"),
    Misuse("ctc_loss", [_LABELS[:1], _LOGITS, _LENGTHS, _LENGTHS], r"target.*\(1, 3\)", label="batch"),
    Misuse("ctc_decode", [_X, _LENGTHS], r"inputs.*\(2, 3\)", label="inputs"),
    Misuse("ctc_decode", [_LOGITS, _LENGTHS[:1]], r"sequence_lengths.*\(1,\)", label="lengths"),
    Misuse("ctc_decode", [_LOGITS, _LENGTHS, "nonesuch"], "strategy='nonesuch'", label="strategy"),
    Misuse("fft", [(_X, _LINE)], r"\(2, 3\).*\(8,\)", label="shapes"),
    Misuse("fft", [(_X,)], "x|two|pair", label="one-part"),
    Misuse("fft2", [(_LINE, _LINE)], r"\(8,\)", label="line"),
    Misuse("rfft", [_NUMBER], r"\(\)", label="number"),
    Misuse("rfft", [_LINE, 0], "fft_length=0", label="length"),
    Misuse("irfft", [(_LINE, _LINE), 0], "fft_length=0", label="length"),
    Misuse("stft", [_LINE, 4, 2, 3], "fft_length=3|sequence_length=4", label="short"),
    Misuse("stft", [_LINE, 4, 0, 4], "sequence_stride=0", label="stride"),
    Misuse("stft", [_LINE, 4, 2, 4, "nonesuch"], "window='nonesuch'", label="window"),
    Misuse("extract_sequences", [_LINE, 0, 1], "sequence_length=0", label="empty"),
    Misuse("extract_sequences", [_LINE, 4, 0], "sequence_stride=0", label="stride"),
    Misuse("resize", [_X, (2, 2)], r"images.*\(2, 3\)", label="rank"),
    Misuse("resize", [_IMAGES, (2,)], r"size=\(2,\)", label="size"),
    Misuse("resize", [_IMAGES, (0, 2)], r"size=\(0, 2\)", label="empty"),
    Misuse("rgb_to_grayscale", [_IMAGES], "channels|3", label="channels"),
    Misuse("rgb_to_hsv", [_IMAGES], "channels|3", label="channels"),
    Misuse("hsv_to_rgb", [_X], r"\(2, 3\)", label="rank"),
    Misuse("rgb_to_hsv", [_IMAGES[..., :3].astype("int32")], "float", label="integers"),
    Misuse("crop_images", [_IMAGES, 4, 0, 4, 0], "cropping|6", label="large"),
    Misuse("crop_images", [_IMAGES, -1, 0, 0, 0], "top_cropping=-1", label="negative"),
    Misuse("pad_images", [_IMAGES, -1, 0, 0, 0], "top_padding=-1", label="negative"),
    Misuse("affine_transform", [_IMAGES, _LINE[:7]], r"transform.*\(7,\)", label="transform"),
    Misuse("affine_transform", [_X, _LINE], r"images.*\(2, 3\)", label="rank"),
    Misuse("perspective_transform", [_IMAGES, _X, _X], r"start_points.*\(2, 3\)", label="points"),
    Misuse("gaussian_blur", [_X], r"images.*\(2, 3\)", label="rank"),
    Misuse("gaussian_blur", [_IMAGES, (3, 3, 3)], r"kernel_size=\(3, 3, 3\)", label="kernel"),
    Misuse("map_coordinates", [_X, np.ones((3, 2), "float32"), 1], r"coordinates.*\(3, 2\)", label="coordinates"),
    Misuse("map_coordinates", [_X, np.ones((2, 2), "float32"), 2], "order=2", label="order"),
    Misuse("extract_patches", [_X, 2], r"images.*\(2, 3\)|\(2, 3\)", label="rank"),
    Misuse("extract_patches", [_IMAGES, 0], "size=0", label="empty"),
    Misuse("extract_patches", [_IMAGES, 2, 0], "strides=0", label="strides"),
    Misuse("random_uniform", [_KEY, (-1,), "float32"], "shape=", label="negative"),
    Misuse("random_normal", [_KEY, (2.5,), "float32"], "shape=", label="fraction"),
    Misuse("random_categorical", [_KEY, _NUMBER, 2, "int32"], r"logits.*\(\)", label="number"),
    Misuse("random_categorical", [_KEY, _X, -1, "int32"], "num_samples=-1", label="negative"),
    Misuse("dropout", [_X, 1.5], "rate=1.5", label="rate"),
    Misuse("random_dropout", [_KEY, _X, 0.5, (4,)], r"noise_shape=\(4,\)", label="noise"),
    Misuse("random_gamma", [_KEY, (2,), _X, "float32"], r"\(2, 3\)", label="shape"),
    Misuse("cond", [_TRUE, 1, 2], "true_fn", TypeError, label="no-functions"),
    Misuse("cond", [np.array([True, False]), lambda: _X, lambda: _X], r"pred.*\(2,\)", label="vector"),
    Misuse("cond", [_TRUE, lambda: _X, lambda: (_X, _X)], "false_fn.*true_fn", label="structures", eager=False),
    Misuse("cond", [_TRUE, lambda: _X, lambda: _LINE], "false_fn.*true_fn", label="shapes", eager=False),
    Misuse("switch", [np.array(0), []], "branches", label="no-branches"),
    Misuse("while_loop", [lambda x: x[0] < 2, lambda x: (x, x), (_LINE,)], "body", label="structure"),
    Misuse("while_loop", [1, lambda x: x, (_LINE,)], "cond", TypeError, label="no-function"),
    Misuse("fori_loop", [0, 2, lambda i, x: (x, x), _LINE], "body_fun", label="structure"),
    Misuse("scan", [lambda c, x: (c, x), _NUMBER], "xs|length", label="no-length"),
    Misuse("scan", [lambda c, x: (c, x), _NUMBER, _LINE, 3], "length=3", label="length"),
    Misuse("scan", [lambda c, x: ((c, c), x), _NUMBER, _LINE], "f", label="structure"),
    Misuse("scan", [1, _NUMBER, _LINE], "f", TypeError, label="no-function"),
    Misuse("map", [lambda x: x, (_LINE, _X)], "xs", label="lengths"),
    Misuse("map", [lambda x: x, _NUMBER], "xs", label="number"),
    Misuse("associative_scan", [lambda a, b: a, (_LINE, _X)], "elems", label="lengths"),
    Misuse("vectorized_map", [lambda x: x, (_LINE, _X)], "elements", label="lengths"),
    Misuse("vectorized_map", [lambda x: x, _NUMBER], "elements", label="number"),
)
