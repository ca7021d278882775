"""Principal axes whose signs and order do not depend on the machine."""

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

_TIE = 1e-6  # parts of an axis that differ by less count as equally long


def principal_axes(products: Float64) -> tuple[Float64, Float64]:
    """Return the eigenvalues and eigenvectors of a symmetric matrix, by falling value.

    An eigenvector may be turned around: which way LAPACK returns it depends on the processor, and a map that starts
    from it would be the mirror image on another machine. Here the longest part of each is positive, the first of
    those that are equally long.

    Parameters
    ----------
    products : float64, shape (n, n)
        Symmetric.

    Returns
    -------
    values : float64, shape (n,)
    axes : float64, shape (n, n)
        One axis a column, of length 1.

    Examples
    --------
    >>> values, axes = principal_axes(np.array([[2.0, -1.0], [-1.0, 2.0]]))
    >>> values.round(3).tolist(), axes.round(3).tolist()
    ([3.0, 1.0], [[0.707, 0.707], [-0.707, 0.707]])
    """
    values, axes = np.linalg.eigh(products)
    return values[::-1], towards_their_longest(np.ascontiguousarray(axes[:, ::-1]))


def towards_their_longest(axes: Float64) -> Float64:
    """Return axes, one a column, each turned so that its longest part is positive."""
    if axes.size == 0:
        return axes
    lengths = np.abs(axes)
    longest = np.argmax(lengths >= lengths.max(axis=0) - _TIE, axis=0)
    turned: Float64 = axes * np.where(axes[longest, np.arange(axes.shape[1])] < 0.0, -1.0, 1.0)
    return turned
