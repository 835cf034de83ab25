# tests/spec/convert.py: formats, promotion and conversion of single values, by exact arithmetic
"""The rules, for one value at a time.

* integer to integer saturates;
* float to integer rounds to nearest, ties to even, saturates, and NaN gives 0;
* integer to float, and float to a narrower float, rounds once to nearest, ties to even,
  and gives an infinity beyond the largest finite number; NaN stays NaN;
* anything to '?' is `x != 0`, and NaN gives False; True is 1, False is 0.
"""
import math
from fractions import Fraction

INTEGERS = {"b": (-2**7, 2**7 - 1), "B": (0, 2**8 - 1), "h": (-2**15, 2**15 - 1),
            "H": (0, 2**16 - 1), "i": (-2**31, 2**31 - 1), "I": (0, 2**32 - 1),
            "q": (-2**63, 2**63 - 1), "Q": (0, 2**64 - 1)}
# format: (bits of the significand with its leading one, smallest exponent, largest exponent)
FLOATS = {"e": (11, -14, 15), "f": (24, -126, 127), "d": (53, -1022, 1023)}
FORMATS = "?bBhHiIqQefd"


def promote(formats):
    """The one format that properties of several formats share in a tuple of names.

    Same formats stay. Otherwise, as NumPy's `result_type` has it for '?', 'i' and 'f':
    a boolean beside numbers takes their format, and an integer beside a float gives 'd',
    for 'f' cannot hold every 32-bit integer.
    """
    kinds = set(formats)
    assert kinds <= {"?", "i", "f", "d"}, kinds
    if {"i", "f"} <= kinds or "d" in kinds:
        return "d"
    return "f" if "f" in kinds else "i" if "i" in kinds else "?"


def to_format(value, format):
    """`value` (bool, int or float, exact) as the nearest thing that `format` holds."""
    if format == "?":
        return not _is_nan(value) and value != 0
    if format in INTEGERS:
        return _to_integer(value, *INTEGERS[format])
    return _to_float(value, *FLOATS[format])


def convert(value, source, target):
    """A value of format `source` as one of format `target`; same formats change nothing."""
    return value if source == target else to_format(value, target)


def normalize(value, format):
    """A number as the integer that stands for it: 0 to 1 as 0 to the largest, or -1 to 1 as -largest to largest
    where the format is signed. The product in float64 to nearest, ties to even; saturated; NaN gives 0."""
    low, high = INTEGERS[format]
    if _is_nan(value):
        return 0
    return round(min(max(value, -1.0 if low else 0.0), 1.0) * float(high))


def fraction(integer, format, target):
    """And back, as `target` ('f'): the quotient in float64. The lowest signed number is -1, too."""
    return to_format(max(integer / INTEGERS[format][1], -1.0), target)


def _is_nan(value):
    return isinstance(value, float) and math.isnan(value)


def _to_integer(value, low, high):
    if _is_nan(value):
        return 0
    if isinstance(value, float) and math.isinf(value):
        return high if value > 0 else low
    return min(max(round(Fraction(value)), low), high)  # round() of a Fraction: ties to even


def _to_float(value, digits, smallest, largest):
    if isinstance(value, float) and (math.isnan(value) or math.isinf(value) or value == 0):
        return value  # -0.0 keeps its sign
    exact = Fraction(value)
    if exact == 0:
        return 0.0
    exponent = max(_exponent(abs(exact)), smallest)
    unit = Fraction(2) ** (exponent - (digits - 1))  # distance of neighbours around the value
    rounded = round(exact / unit) * unit  # ties to even; may reach the next power of two
    if abs(rounded) >= Fraction(2) ** (largest + 1):
        return math.copysign(math.inf, exact)
    return math.copysign(float(abs(rounded)), exact)  # exact: a double holds every one


def _exponent(positive):
    """The e with 2**e <= positive < 2**(e + 1)."""
    guess = positive.numerator.bit_length() - positive.denominator.bit_length()
    while Fraction(2) ** guess > positive:
        guess -= 1
    while Fraction(2) ** (guess + 1) <= positive:
        guess += 1
    return guess
