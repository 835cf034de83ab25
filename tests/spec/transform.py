# tests/spec/transform.py: vectors through a matrix, operation by operation in float64
"""A matrix is three or four rows of four; of a fourth row nothing is asked. NaN and infinities go the way that
float64 has for them."""
import math

KINDS = {"DIRECTION": "normal", "VELOCITY": "direction", "ACCELERATION": "direction"}


def kind_of(prop):
    """What RNA's subtype makes of a vector: a point, unless it says otherwise."""
    return KINDS.get(prop.subtype, "point")


def through(kind, matrix, vector):
    """The vector behind the matrix, as floats."""
    if kind == "normal":
        matrix = [list(row) + [0.0] for row in zip(*inverse(matrix))]
    return applied(kind, matrix, vector)


def back(kind, matrix, vector):
    """The vector before the matrix."""
    if kind == "normal":
        return applied(kind, [[matrix[j][i] for j in range(3)] for i in range(3)], vector)
    turned = inverse(matrix)
    shift = [-((row[0] * matrix[0][3] + row[1] * matrix[1][3]) + row[2] * matrix[2][3]) for row in turned]
    return applied(kind, [row + [x] for row, x in zip(turned, shift)], vector)


def applied(kind, matrix, vector):
    """Products from left to right, then their sum, then the translation of points."""
    x, y, z = vector
    found = [(row[0] * x + row[1] * y) + row[2] * z for row in matrix[:3]]
    if kind == "point":
        return [one + row[3] for one, row in zip(found, matrix)]
    if kind == "normal":
        length = math.sqrt((found[0] * found[0] + found[1] * found[1]) + found[2] * found[2])
        return [one * (1 / length) for one in found] if length > 0 else found
    return found


def inverse(matrix):
    """The 3×3 part's, by cofactors."""
    (a, b, c), (d, e, f), (g, h, i) = (row[:3] for row in matrix[:3])
    rows = [[e * i - f * h, c * h - b * i, b * f - c * e],
            [f * g - d * i, a * i - c * g, c * d - a * f],
            [d * h - e * g, b * g - a * h, a * e - b * d]]
    det = a * rows[0][0] + b * rows[1][0] + c * rows[2][0]
    return [[one / det for one in row] for row in rows]
