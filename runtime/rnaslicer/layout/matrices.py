# runtime/rnaslicer/layout/matrices.py: the matrices of `transform=`: what a user hands over, their inverses.
"""A matrix is twelve floats here, three rows of four, as kernels take it (jit/transform.hpp)."""

import array
import math

from .. import _core
from ..errors import ExpressionError, ValueRangeError, shown
from ..basis.records import Record

WORLD = "WORLD"
_LAST = (0.0, 0.0, 0.0, 1.0)


class Given(Record):
    """Matrices that a user handed over."""

    numbers: bytes  # of float64, twelve for each
    alone: bool  # one for all, not one for each

    @property
    def matrices(self):
        """As lists of twelve."""
        numbers = array.array("d", self.numbers).tolist()
        return [numbers[at : at + 12] for at in range(0, len(numbers), 12)]


def numbers_in(settings):
    """The numbers of the matrices that were given with a wrapper's settings, as bytes; None where none were."""
    transform = settings and settings["transform"]
    return None if not transform or transform == WORLD else transform.numbers


def matrices_of(transform):
    """None, WORLD, or what was given as `Given`."""
    if transform is None or isinstance(transform, str) and transform == WORLD:
        return transform
    quick = _core.matrices(transform)
    return Given(*quick) if quick is not None else _looked_at(transform)


def _looked_at(transform):
    asked = transform
    try:
        if hasattr(transform, "dtype"):
            transform = transform.tolist()  # NumPy's matrix has rows of one row each
        rows = [] if isinstance(transform, str) else [list(row) for row in transform]
        if not rows and isinstance(transform, (list, tuple)):  # for an axis of nothing
            return Given(b"", False)
        if not rows:
            raise _Wrong(f"{shown(transform)} is none of these")
        alone = not any(hasattr(entry, "__len__") and not isinstance(entry, str) for entry in rows[0])
        found = [_twelve(rows)] if alone else [_twelve([list(row) for row in one], at) for at, one in enumerate(rows)]
    except (TypeError, ValueError, IndexError) as error:
        why = error if isinstance(error, _Wrong) else f"{shown(asked)} is none of these"
        raise ExpressionError(f"transform is a 3×4 or 4×4 matrix of numbers, a sequence of such, or 'WORLD': {why}"
                              ) from None
    for at, matrix in enumerate(found):
        check(matrix, "the transform" if alone else f"matrix {at} of the transform")
    return Given(packed(found).tobytes(), alone)


class _Wrong(ValueError):
    """What is wrong with a matrix, in words of ours."""


def _twelve(rows, at=None):
    if at is not None:
        try:
            return _twelve(rows)
        except _Wrong as error:
            raise _Wrong(f"in matrix {at} {error}") from None
    if len(rows) not in (3, 4) or any(len(row) != 4 for row in rows):
        sizes = [len(row) for row in rows]
        hint = "; matrix.to_4x4() makes one of it" if sizes == [3, 3, 3] else ""
        raise _Wrong(f"these are rows of {shown(sizes)}{hint}")
    import numbers  # of the standard library, and slow to load

    if any(isinstance(x, numbers.Complex) and not isinstance(x, numbers.Real) for row in rows for x in row):
        raise _Wrong("these numbers are complex")  # float() of NumPy's drops their imaginary part
    rows = [[float(x) for x in row] for row in rows]
    if len(rows) == 4 and tuple(rows[3]) != _LAST:
        raise _Wrong(f"the last row is {rows[3]} instead of 0 0 0 1")
    return [x for row in rows[:3] for x in row]


def check(matrix, whose):
    """ValueRangeError for a matrix that is not finite or has no inverse."""
    if not all(map(math.isfinite, matrix)):
        raise ValueRangeError(f"{whose} has numbers that are not finite")
    if inverse(matrix) is None:
        raise ValueRangeError(f"{whose} is singular: it has no inverse, which an update and normals need; give one that "
                              "flattens nothing, or transform the values that were read")


def inverse(m):
    """The matrix that leads back, or None."""
    a, b, c, x, d, e, f, y, g, h, i, z = m
    cofactors = (e * i - f * h, c * h - b * i, b * f - c * e,
                 f * g - d * i, a * i - c * g, c * d - a * f,
                 d * h - e * g, b * g - a * h, a * e - b * d)
    det = a * cofactors[0] + b * cofactors[3] + c * cofactors[6]
    if not det:
        return None
    r = [one / det for one in cofactors]
    rows = [(*r[k : k + 3], -((r[k] * x + r[k + 1] * y) + r[k + 2] * z)) for k in (0, 3, 6)]
    found = [number for row in rows for number in row]
    return found if all(map(math.isfinite, found)) else None


def transposed(m):
    """Without the translation."""
    return [m[0], m[4], m[8], 0.0, m[1], m[5], m[9], 0.0, m[2], m[6], m[10], 0.0]


def there(kind, matrix):
    """What a refresh applies: normals go by the transposed inverse."""
    return transposed(inverse(matrix)) if kind == "normal" else matrix


def back(kind, matrix):
    """What an update applies."""
    return transposed(matrix) if kind == "normal" else inverse(matrix)


def applied(kind, m, vector):
    """A vector through a matrix, operation by operation as kernels do it."""
    x, y, z = vector
    found = [(m[k] * x + m[k + 1] * y) + m[k + 2] * z for k in (0, 4, 8)]
    if kind == "point":
        return [one + m[4 * k + 3] for k, one in enumerate(found)]
    if kind == "normal":
        length = math.sqrt((found[0] * found[0] + found[1] * found[1]) + found[2] * found[2])
        return [one * (1 / length) for one in found] if length > 0 else found
    return found


def packed(matrices):
    """As one buffer."""
    return array.array("d", [x for matrix in matrices for x in matrix])
