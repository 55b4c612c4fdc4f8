"""Images moved, turned, sheared, seen from another place, and bent."""

from __future__ import annotations

from typing import Any, Final, cast

from dl_ops import ops
from dl_ops.config import standardize_data_format
from dl_ops.dtypes import standardize_dtype
from dl_ops.image.filters import gaussian_weights, weighted
from dl_ops.image.layout import as_batch, check_rank, compute_dtype, extent, positions
from dl_ops.image.sampling import check_fill_mode, sample
from dl_ops.op import op
from dl_ops.random import SeedGenerator, draw_key, random_normal
from dl_ops.rules import kept, product
from dl_ops.typing import IndicesLike, Shape, Tensor, TensorLike

__all__ = ["affine_transform", "elastic_transform", "perspective_transform"]

_ORDERS: Final = {"nearest": 0, "bilinear": 1}


def _order(interpolation: str) -> int:
    if interpolation not in _ORDERS:
        raise ValueError(f"interpolation={interpolation!r}: expected one of {', '.join(map(repr, _ORDERS))}")
    return _ORDERS[interpolation]


def _sampled(x: Any, column: Any, row: Any, order: int, fill_mode: str, fill_value: float) -> Any:
    """Pixels of a batch of images, channels last, at points of shape (height, width) or (batch, height, width)."""
    height, width = x.shape[1:3]
    dtype = standardize_dtype(column.dtype)
    sizes = [extent(x, axis, dtype) for axis in (1, 2)]
    options: Any = {"order": order, "fill_mode": fill_mode, "fill_value": fill_value}
    if len(column.shape) == 2 and height is not None and width is not None:
        flat = ops.reshape(x, (x.shape[0], height * width, x.shape[-1]))
        return sample(flat, [row, column], sizes, axis=1, **options)
    flat = ops.reshape(x, (product(x.shape[:3]), x.shape[-1]))
    image = ops.cast(positions(x[..., 0], 0, dtype), "int32")
    return sample(flat, [row, column], sizes, grid=image, **options)


def _projected(
    images: Any,
    rows: Any,
    centre: Any,
    origin: Any,
    interpolation: str,
    fill_mode: str,
    fill_value: float,
    data_format: str | None,
) -> Any:
    """Images of which each pixel comes from where a projective map takes it.

    Parameters
    ----------
    images : tensor
    rows : sequence of three sequences of three tensors, shape () or (batch, 1, 1)
        The map's matrix, of homogeneous coordinates: the column, the row and 1.
    centre, origin : pair of tensors
        Column and row that are subtracted from what the map gets, and added to what it gives.
    """
    batch = as_batch(images, data_format)
    x = batch.images
    dtype = standardize_dtype(rows[0][0].dtype)
    column = ops.subtract(ops.cast(positions(x[0, :, :, 0], 1, dtype), dtype), centre[0])
    row = ops.subtract(ops.cast(positions(x[0, :, :, 0], 0, dtype), dtype), centre[1])
    u, v, w = (ops.add(ops.add(ops.multiply(a, column), ops.multiply(b, row)), c) for a, b, c in rows)
    y = _sampled(
        x,
        ops.add(ops.divide(u, w), origin[0]),
        ops.add(ops.divide(v, w), origin[1]),
        _order(interpolation),
        fill_mode,
        fill_value,
    )
    return batch.restore(y)


def _check_each(name: str, x: Any, expected: tuple[int, ...], images: Any) -> None:
    """Raise a ``ValueError`` unless `x` has a shape, or one of its own for each image."""
    count = images.shape[0] if check_rank(images) == 4 else 1
    shape = tuple(x.shape)
    each, rest = shape[: len(shape) - len(expected)], shape[len(shape) - len(expected) :]
    fits = len(rest) == len(expected) and all(m in (n, None) for m, n in zip(rest, expected, strict=True))
    if not fits or len(each) > 1 or any(None not in (n, count) and n not in (1, count) for n in each):
        raise ValueError(
            f"{name} has shape {shape}: expected {expected}, or {('batch', *expected)} "
            f"for images of shape {tuple(images.shape)}"
        )


def _affine(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Shape:
    _check_each("transform", transform, (8,), images)
    standardize_data_format(data_format)
    _order(interpolation)
    check_fill_mode(fill_mode)
    return tuple(images.shape)


@op(shape=_affine, dtype=kept)
def affine_transform(
    images: TensorLike,
    transform: TensorLike,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:
    """Images moved, scaled, turned, sheared or projected.

    With `transform` ``(a0, a1, a2, b0, b1, b2, c0, c1)``, the pixel in column ``x`` and row ``y`` of the result comes
    from column ``(a0 * x + a1 * y + a2) / k`` and row ``(b0 * x + b1 * y + b2) / k``, ``k = c0 * x + c1 * y + 1``.

    Parameters
    ----------
    images : tensor_like, shape ([batch,] height, width, channels) or ([batch,] channels, height, width)
    transform : tensor_like, shape (8,) or (batch, 8)
        One for all images, or one for each.
    interpolation : {"bilinear", "nearest"}
    fill_mode : {"constant", "nearest", "wrap", "mirror", "reflect"}
        What lies outside the images, as for `map_coordinates`.
    fill_value : float, default 0
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor
        Of the shape and dtype of `images`; integers are rounded.

    Raises
    ------
    ValueError
        If shapes do not fit together, or an option is none of the above.

    Examples
    --------
    >>> images = ops.reshape([1.0, 2.0, 3.0, 4.0], (1, 4, 1))
    >>> ops.squeeze(affine_transform(images, [1, 0, 0.5, 0, 1, 0, 0, 0], fill_mode="nearest")).tolist()
    [1.5, 2.5, 3.5, 4.0]
    """
    _affine(images, transform, interpolation, fill_mode, fill_value, data_format)
    matrix = ops.cast(transform, compute_dtype(images, transform))
    if len(matrix.shape) == 2 and (matrix.shape[0] == 1 or len(cast(Tensor, images).shape) == 3):
        matrix = matrix[0]
    if len(matrix.shape) == 2:
        matrix = ops.reshape(matrix, (-1, 1, 1, 8))
    a, b, c = (tuple(matrix[..., 3 * i + j] for j in range(3 if i < 2 else 2)) for i in range(3))
    rows = (a, b, (*c, 1.0))
    zero = (0.0, 0.0)
    return cast(Tensor, _projected(images, rows, zero, zero, interpolation, fill_mode, fill_value, data_format))


def _perspective(
    images: Any,
    start_points: Any,
    end_points: Any,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Shape:
    _check_each("start_points", start_points, (4, 2), images)
    _check_each("end_points", end_points, (4, 2), images)
    standardize_data_format(data_format)
    _order(interpolation)
    return tuple(images.shape)


@op(shape=_perspective, dtype=kept)
def perspective_transform(
    images: TensorLike,
    start_points: TensorLike,
    end_points: TensorLike,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:
    """Images as if seen from another place: four points go to four other ones, and straight lines stay straight.

    Parameters
    ----------
    images : tensor_like, shape ([batch,] height, width, channels) or ([batch,] channels, height, width)
    start_points, end_points : tensor_like, shape (4, 2) or (batch, 4, 2)
        Column and row of each point in `images`, and in the result; no three of them on a line.
    interpolation : {"bilinear", "nearest"}
    fill_value : float, default 0
        What lies outside the images.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor
        Of the shape and dtype of `images`; integers are rounded.

    Raises
    ------
    ValueError
        If shapes do not fit together, or `interpolation` is neither of the two.

    References
    ----------
    Heckbert, "Fundamentals of Texture Mapping and Image Warping", UCB/CSD 89/516, section 2.2.

    Examples
    --------
    >>> images = ops.reshape([1.0, 2.0, 3.0, 4.0], (1, 4, 1))
    >>> points = ops.convert_to_tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> ops.squeeze(perspective_transform(images, points, points + 1.0, fill_value=9.0)).tolist()
    [9.0, 9.0, 9.0, 9.0]
    """
    _perspective(images, start_points, end_points, interpolation, fill_value, data_format)
    compute = compute_dtype(images, start_points, end_points)
    start, origin = _centred(start_points, compute, images)
    end, centre = _centred(end_points, compute, images)
    rows = _homography(end, start)
    return cast(Tensor, _projected(images, rows, centre, origin, interpolation, "constant", fill_value, data_format))


Point = tuple[Any, Any]


def _centred(points: Any, dtype: str, images: Any) -> tuple[list[Point], Point]:
    """Four points without their mean, for precision, and the mean: of shape (), or (batch, 1, 1) if there are many."""
    points = ops.cast(points, dtype)
    if len(points.shape) == 3 and (points.shape[0] == 1 or len(images.shape) == 3):
        points = points[0]
    if len(points.shape) == 3:
        points = ops.reshape(points, (-1, 1, 1, 4, 2))
    mean = ops.mean(points, axis=-2, keepdims=True)
    shifted = ops.subtract(points, mean)
    corners = [(shifted[..., i, 0], shifted[..., i, 1]) for i in range(4)]
    return corners, (mean[..., 0, 0], mean[..., 0, 1])


def _area(p: Point, q: Point, r: Point) -> Any:
    """Twice the signed area of a triangle."""
    ux, uy = ops.subtract(q[0], p[0]), ops.subtract(q[1], p[1])
    vx, vy = ops.subtract(r[0], p[0]), ops.subtract(r[1], p[1])
    return ops.subtract(ops.multiply(ux, vy), ops.multiply(uy, vx))


def _shares(p: list[Point]) -> list[Any]:
    """Multiples of the first three points, in homogeneous coordinates, that add up to a multiple of the last."""
    return [_area(p[3], p[1], p[2]), _area(p[0], p[3], p[2]), _area(p[0], p[1], p[3])]


def _homography(source: list[Point], target: list[Point]) -> list[list[Any]]:
    """Matrix of the projective map that takes four points to four others; any multiple of it is the same map."""
    given, wanted = _shares(source), _shares(target)
    # P diag(wanted / given) inverse(Q), P and Q having the first three points in their columns, without a division
    factors = []
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        factors.append(ops.multiply(wanted[i], ops.multiply(given[j], given[k])))
    # the adjugate's rows are cross products of the points of the others
    inverse = []
    for i in range(3):
        (ax, ay), (bx, by) = source[(i + 1) % 3], source[(i + 2) % 3]
        row = (ops.subtract(ay, by), ops.subtract(bx, ax), ops.subtract(ops.multiply(ax, by), ops.multiply(ay, bx)))
        inverse.append([ops.multiply(factors[i], entry) for entry in row])
    columns = [(*point, 1.0) for point in target[:3]]
    return [
        [
            ops.add(
                ops.add(ops.multiply(columns[0][r], inverse[0][c]), ops.multiply(columns[1][r], inverse[1][c])),
                ops.multiply(columns[2][r], inverse[2][c]),
            )
            for c in range(3)
        ]
        for r in range(3)
    ]


def elastic_transform(
    images: TensorLike,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: int | SeedGenerator | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Images bent at random, smoothly: each pixel comes from somewhere near it.

    The way there is Gaussian noise of standard deviation ``alpha * sigma`` in both directions, averaged over a Gaussian
    window of standard deviation `sigma`: about ``0.28 * alpha`` pixels, whatever `sigma`.

    Parameters
    ----------
    images : tensor_like, shape ([batch,] height, width, channels) or ([batch,] channels, height, width)
        Of known size.
    alpha : float, default 20
        How far pixels move.
    sigma : float, default 5
        How far apart pixels are, in pixels, that move differently.
    interpolation : {"bilinear", "nearest"}
    fill_mode : {"constant", "nearest", "wrap", "mirror", "reflect"}
        What lies outside the images, as for `map_coordinates`.
    fill_value : float, default 0
    seed : int, SeedGenerator or None
        An integer gives the same result at every call.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor
        Of the shape and dtype of `images`; integers are rounded.

    Raises
    ------
    ValueError
        If `images` have other than 3 or 4 dimensions, or an option is none of the above.

    References
    ----------
    Simard, Steinkraus and Platt, "Best practices for convolutional neural networks applied to visual document
    analysis", ICDAR 2003.

    Examples
    --------
    >>> elastic_transform(ops.ones((8, 9, 3)), seed=1).shape
    (8, 9, 3)
    """
    return random_elastic_transform(
        draw_key(seed), images, alpha, sigma, interpolation, fill_mode, fill_value, data_format
    )


def _bent(
    key: Any,
    images: Any,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Shape:
    check_rank(images)
    standardize_data_format(data_format)
    if not sigma > 0:
        raise ValueError(f"sigma={sigma}: expected a positive number")
    _order(interpolation)
    check_fill_mode(fill_mode)
    return tuple(images.shape)


@op(shape=_bent, dtype=kept)
def random_elastic_transform(
    key: IndicesLike,
    images: TensorLike,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    """`elastic_transform` with a key, of uint32 and shape (2,), that the noise is drawn with."""
    _bent(key, images, alpha, sigma, interpolation, fill_mode, fill_value, data_format)
    batch = as_batch(images, data_format)
    x = batch.images
    compute = compute_dtype(x)
    field = random_normal(key, (2, *x.shape[:3]), compute)
    size = 2 * int(3 * sigma + 0.5) + 1
    for axis in (2, 3):
        field = weighted(field, gaussian_weights(size, sigma, compute), axis)
    field = ops.multiply(field, alpha * sigma)
    column, row = (ops.add(field[i], positions(x[..., 0], 2 - i, compute)) for i in range(2))
    return cast(Tensor, batch.restore(_sampled(x, column, row, _order(interpolation), fill_mode, fill_value)))
