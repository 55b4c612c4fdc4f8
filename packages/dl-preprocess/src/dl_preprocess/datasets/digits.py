"""The UCI handwritten digits, shipped with the package.

1,797 images of 8 x 8 pixels from 0 to 16, of ten digits written by 13 people: the test part of "Optical Recognition
of Handwritten Digits" by E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998,
https://doi.org/10.24432/C50P49, under CC BY 4.0. Pixels and labels are unchanged; the file format is ours.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


def load_data() -> tuple[tuple[Images, Labels], tuple[Images, Labels]]:
    """Load the digits, every fifth image held out for tests.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Images are uint8 from 0 to 16, shape (1437, 8, 8) and (360, 8, 8); labels are int64 from 0 to 9.

    References
    ----------
    Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository (1998).

    Examples
    --------
    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train.shape, x_test.shape, y_test[:5].tolist()
    ((1437, 8, 8), (360, 8, 8), [0, 5, 0, 5, 0])
    """
    with (files(__package__) / "digits.npz").open("rb") as file:
        data: Any = np.load(file, allow_pickle=False)
        images, labels = data["images"], data["labels"].astype(np.int64)
    held_out = np.arange(len(images)) % 5 == 0
    return (images[~held_out], labels[~held_out]), (images[held_out], labels[held_out])
