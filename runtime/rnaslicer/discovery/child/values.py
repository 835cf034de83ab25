# runtime/rnaslicer/discovery/child/values.py: numbers of RNA properties: read flat, made at random, assigned.
"""Values are flat tuples in RNA's own order (matrices by columns), enums their numbers."""

import math
import struct

from ..found import own

NUMERIC = ("BOOLEAN", "INT", "ENUM", "FLOAT")
MOST = (10.0, 100.0, 1000.0)  # random numbers stay small where no range says otherwise
FLOAT_MAX = 3.4028234663852886e38


class Value:
    """One numeric property of an RNA type."""

    def __init__(self, rna, name):
        prop = own(rna, name)
        self.name, self.type = name, prop.type
        self.is_flag = prop.type == "ENUM" and prop.is_enum_flag
        self.items = {}
        self.dims, self.range, self.soft = (), None, None
        if prop.type == "ENUM":
            self.items = {item.identifier: item.value for item in prop.enum_items}
        elif prop.is_array:
            self.dims = tuple(d for d in prop.array_dimensions if d) or (prop.array_length,)
        if prop.type in ("INT", "FLOAT"):
            self.range = (prop.hard_min, prop.hard_max)
            self.soft = (prop.soft_min, prop.soft_max)
        self.count = 1
        for d in self.dims:
            self.count *= d
        self.is_matrix = bool(self.dims[1:]) and prop.subtype == "MATRIX"

    def read(self, element):
        """The flat numbers, or None where bpy gives none."""
        try:
            value = getattr(element, self.name)
        except Exception:
            return None
        if self.type == "ENUM":
            return self._number(value)
        if not self.dims:
            return (value,)
        if self.is_matrix:
            return tuple(x for column in zip(*value) for x in column)
        flat = list(value)
        for _ in self.dims[1:]:
            flat = [x for part in flat for x in part]
        return tuple(flat)

    def _number(self, value):
        if isinstance(value, str):
            return (self.items[value],) if value in self.items else None
        if not all(name in self.items for name in value):
            return None
        total = 0
        for name in value:
            total |= self.items[name]
        return (total,)

    def write(self, element, flat):
        """Assigns; True if bpy took it."""
        try:
            setattr(element, self.name, self._shaped(flat))
        except (TypeError, ValueError, AttributeError, RuntimeError, OverflowError):
            return False
        return True

    def _shaped(self, flat):
        if self.type == "ENUM":
            if self.is_flag:
                return {name for name, number in self.items.items() if number and number & flat[0] == number}
            return next(name for name, number in self.items.items() if number == flat[0])
        if not self.dims:
            return flat[0]
        parts = list(flat)
        for d in reversed(self.dims[1:]):
            parts = [parts[i : i + d] for i in range(0, len(parts), d)]
        return parts

    def random(self, rng):
        """Flat numbers that bpy should take as they are; an enum's one of its items."""
        return tuple(self._one(rng) for _ in range(self.count))

    def _one(self, rng):
        if self.type == "BOOLEAN":
            return rng.random() < 0.5
        if self.type == "ENUM":
            numbers = list(self.items.values())
            if not self.is_flag:
                return rng.choice(numbers)
            total = 0
            for number in numbers:
                total |= number * (rng.random() < 0.5)
            return total
        most = rng.choice(MOST)  # some elements have a range of their own (a node's width)
        low, high = (max(self.soft[0], self.range[0], -most), min(self.soft[1], self.range[1], most))
        if low > high:
            low, high = self.range
        if self.type == "INT":
            return rng.randint(int(low), int(high))
        return f32(rng.uniform(low, high))

    def all_items(self):
        """Flat numbers for each item of an enum that is no set."""
        return [(number,) for number in dict.fromkeys(self.items.values())]

    def beyond(self, rng):
        """Flat numbers with components outside the declared hard range, for each side that has one."""
        if self.range is None:
            return
        for side, bound in enumerate(self.range):
            if self.type == "INT" and bound in (-(1 << 31), (1 << 31) - 1) or abs(bound) > 1e30:
                continue
            step = rng.randint(1, 9) if self.type == "INT" else max(1.0, abs(bound)) * (0.1 + rng.random())
            outside = bound + (step if side else -step)
            if self.type == "INT":
                outside = max(-(1 << 31), min((1 << 31) - 1, outside))
            flat = list(self.random(rng))
            flat[rng.randrange(self.count)] = outside
            yield tuple(flat)

    def far(self):
        """Large numbers within the declared hard range, on each side; what is no number; the other zero."""
        if self.range is not None:
            far = 100_000 if self.type == "INT" else 1e7
            for x in (-far, far):
                if self.range[0] <= x <= self.range[1]:
                    yield (x,) * self.count
        if self.type == "FLOAT":
            for x in (math.inf, -math.inf, math.nan):
                yield (x,) * self.count
            if self.range[0] <= 0 <= self.range[1]:  # a setter that adds something makes another zero of it
                yield (-0.0,) * self.count

    def clamped(self, flat):
        """What the declared hard range makes of numbers; floats rounded to float32."""
        if self.type == "FLOAT":
            low, high = self.range
            if not self.dims and low <= -FLOAT_MAX and high >= FLOAT_MAX:  # no clamp then, in contrast to arrays
                low, high = -math.inf, math.inf
            return tuple(f32(min(max(x, low), high)) for x in flat)
        if self.type == "INT":
            low, high = self.range
            return tuple(min(max(x, low), high) for x in flat)
        return tuple(flat)


def f32(x):
    """The nearest float32."""
    try:
        return struct.unpack("f", struct.pack("f", x))[0]
    except OverflowError:
        return FLOAT_MAX if x > 0 else -FLOAT_MAX


def same(a, b):
    """True for equal flat numbers; bit for bit but for NaN's kind."""
    return a is not None and b is not None and len(a) == len(b) and all(
        x == y and (x != 0 or str(x) == str(y)) or x != x and y != y for x, y in zip(a, b))
