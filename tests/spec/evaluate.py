# tests/spec/evaluate.py: the meaning of a slice expression, item by item, as a recursive definition
"""`_select(node, items)` is the definition: what `items` make of a node, as a `Nest`."""
from .convert import FORMATS, convert, fraction, normalize, promote, to_format
from .errors import ExpressionError, ReadOnlyError, SpecificationGap
from .items import key_of, parse
from . import transform as matrices
from .rna import Array, Collection, Group, Slot, Struct, as_property_takes, root

WHOLE = ("slice", slice(None))


class Nest:
    """Slots in C order with their shape; `varies`: the first axis may have other lengths elsewhere."""

    def __init__(self, shape, slots, format, varies=False, offsets=None):
        self.shape, self.slots, self.format = shape, slots, format
        self.varies, self.offsets = varies, offsets


class Result:
    """What `Slicer(supplier, dtype=…, ragged=…)[subscript]` is to hold."""

    def __init__(self, nest, dtype, normalized=False, transform=None, fill=0):
        self.normalized, self.transform, self.fill = normalized, transform, fill
        self.lengths = None
        self.shape, self.slots, self.offsets = nest.shape, nest.slots, nest.offsets
        self.format = dtype or nest.format

    @property
    def readonly(self):
        return any(slot.readonly for slot in self.slots if slot is not None)

    def values(self):
        """All values in C order, in the result's format."""
        fill = to_format(self.fill, self.format)
        return [fill if slot is None else self._value(k, slot) for k, slot in enumerate(self.slots)]

    def _value(self, k, slot):
        if self.transform is not None:
            return self._transformed(k, slot)
        if self.normalized:
            return normalize(slot.read(), self.format)
        return convert(slot.read(), slot.format, self.format)

    def pad(self, width):
        """Rows of one width, empty places where there is nothing to fill them."""
        lengths = [b - a for a, b in zip(self.offsets, self.offsets[1:])]
        width = max(lengths, default=0) if width is None else width
        if any(length > width for length in lengths):
            raise ExpressionError("nothing is cut in silence")
        each = len(self.slots) // self.shape[0] if self.shape[0] else 0
        rows = [self.slots[a * each : b * each] + [None] * ((width - (b - a)) * each)
                for a, b in zip(self.offsets, self.offsets[1:])]
        self.slots, self.shape = [slot for row in rows for slot in row], (len(rows), width) + self.shape[1:]
        self.offsets, self.lengths = None, lengths

    def _transformed(self, k, slot):
        vector = getattr(slot.owner.object, slot.prop.identifier)
        number = matrices.through(matrices.kind_of(slot.prop), self.matrix(k), vector)[slot.index[0]]
        return normalize(number, self.format) if self.normalized else to_format(number, self.format)

    def matrix(self, k):
        """That of position k: the one for all, or that of its place on the first axis."""
        one = self.transform
        return one if not hasattr(one[0][0], "__len__") else one[k * self.shape[0] // len(self.slots)]

    def tolist(self):
        return _nested(iter(self.values()), self.shape)


def evaluate(supplier, subscript, dtype=None, ragged="error", normalized=False, transform=None, width=None, fill=0,
             of=None):
    """The Result of the expression, or the error it deserves."""
    if dtype is not None and (not isinstance(dtype, str) or dtype not in FORMATS or len(dtype) != 1):
        raise ExpressionError(f"{dtype!r} is no format")
    nest = _Walk("flat" if ragged == "pad" else ragged).select(root(supplier, of), parse(subscript))
    if normalized and (dtype not in tuple("bBhHiI") or nest.format != "f"):
        raise ExpressionError("integers of 8, 16 or 32 bits stand for FLOAT values")
    result = Result(nest, dtype, normalized, transform, fill)
    if ragged == "pad" and result.offsets is not None:
        result.pad(width)
    return result


def assign(supplier, subscript, values, dtype=None, ragged="error", where=None, normalized=False):
    """Write `values` (C order, in the result's format) one by one; the last write of a slot wins.

    `where`: the C-order positions that are written, by default all.
    """
    result = evaluate(supplier, subscript, dtype, ragged, normalized)
    positions = range(len(result.slots)) if where is None else sorted(where)
    positions = [k for k in positions if result.slots[k] is not None]
    if result.readonly:
        raise ReadOnlyError("bpy lets nobody write this property")
    def taken(k):
        if normalized:
            return fraction(values[k], result.format, "f")
        return as_property_takes(result.slots[k], values[k], result.format)

    jobs = [(result.slots[k], taken(k)) for k in positions]
    for slot, value in jobs:
        slot.check(value)
    for slot, value in jobs:
        slot.write(value)


class _Walk:
    """One evaluation; remembers the type behind each pointer step, for all must be the same."""

    def __init__(self, ragged):
        if ragged not in ("error", "flat"):
            raise ValueError(f"ragged is 'error' or 'flat', not {ragged!r}")
        self.ragged, self.pointed = ragged, {}

    def select(self, node, items):
        if items and items[0] == ("ellipsis",) and isinstance(node, Struct) and node.layer():
            items = _of_layer(node, items[1:])
        if items and items[0] == ("ellipsis",):
            items = [WHOLE] * _axes_left_to_ellipsis(node, items[1:]) + items[1:]
        if isinstance(node, Collection):
            return self._collection(node, items)
        if isinstance(node, Struct):
            return self._struct(node, items)
        if isinstance(node, Group):
            if items and items[0][0] == "key":
                return self.select(node.custom(items[0][1]), items[1:])
            raise ExpressionError("a group of custom properties takes one of its keys")
        if isinstance(node, Array):
            return self._array(node, items)
        assert isinstance(node, Slot)
        if items and items[0][0] == "through":
            return self._through(node, Collection(items[0][1]), items[1:])
        if items:
            raise ExpressionError(f"item {items[0]} on a single value, which has no axes left")
        return Nest((), [node], node.format)

    # ---- a collection or sequence

    def _collection(self, node, items):
        if not items:
            raise ExpressionError("the expression ends at elements, which are no values")
        (kind, *rest), then = items[0], items[1:]
        if kind in ("name", "names"):  # implied ':'
            return self._axis(self._elements(node, node.elements), items, node)
        if kind == "key":
            return self.select(node.keyed(rest[0]), then)
        if kind == "int":
            return self.select(self._elements(node, [_pick(node.elements, rest[0])])[0], then)
        if kind == "keys":
            return self._axis([node.keyed(key) for key in rest[0]], then, node)
        chosen = [node.elements[i] for i in _positions(kind, rest[0], len(node.elements))]
        return self._axis(self._elements(node, chosen), then, node)

    @staticmethod
    def _elements(node, elements):
        return [node.struct(element) for element in elements]

    def _axis(self, structs, items, node):
        if not structs:
            if node.element_type is None:
                raise SpecificationGap("no elements, and no type to tell their shape by")
            strict = isinstance(node.source, (list, tuple))
            inner = self.select(Struct(None, node.element_type, strict), items)
            return Nest((0,) + inner.shape, [], inner.format, varies=node.nested)
        return self._stack([self.select(s, items) for s in structs], node.nested)

    # ---- a struct

    def _struct(self, node, items):
        if (layer := node.layer()) and (not items or items[0][0] not in ("name", "names", "key")):
            elements, name = layer
            first = items[0] if items else WHOLE
            return self.select(elements, [first, ("name", name), *items[1:]])
        if items and items[0][0] == "key":
            return self.select(node.custom(items[0][1]), items[1:])
        if not items:
            raise ExpressionError(f"the expression ends at a {node.rna.identifier}, which is no value")
        (kind, *rest), then = items[0], items[1:]
        if kind == "name":
            target = node.property(rest[0])
            if isinstance(target, Struct):
                self._same_type(target, len(items))
            return self.select(target, then)
        if kind == "names":
            return self._properties(node, rest[0], then)
        raise ExpressionError(f"a struct takes a name, not {items[0]}")

    def _same_type(self, target, step):
        first = self.pointed.setdefault(step, target.rna.identifier)
        if target.rna.identifier != first:
            raise ExpressionError(f"a {target.rna.identifier} where others are a {first}")

    def _properties(self, node, names, then):
        targets = [node.property(name) if key_of(name) is None else node.custom(key_of(name)) for name in names]
        if not all(isinstance(target, (Array, Slot)) for target in targets):
            raise ExpressionError("a tuple of names is for numeric properties")
        shapes = {target.shape if isinstance(target, Array) else () for target in targets}
        if len(shapes) > 1:
            raise ExpressionError(f"properties of different shapes: {sorted(shapes)}")
        parts = [self.select(target, then) for target in targets]
        format = promote([part.format for part in parts])
        for part in parts:
            part.format, part.varies = format, False
        return self._stack(parts, varies=False)

    def _through(self, index, node, items):
        """What the items make of the element that the index names."""
        if index.prop.type != "INT":
            raise ExpressionError("an index is an integer")
        i = index.read()
        if not 0 <= i < len(node.elements):
            raise ValueError(f"{i} names none of {len(node.elements)} elements")
        return self.select(node.struct(node.elements[i]), items)

    # ---- an array value

    def _array(self, node, items):
        (kind, *rest), then = items[0] if items else WHOLE, items[1:]
        length = node.shape[0]
        if kind == "through":
            return self._array(node, [WHOLE, *items])
        if kind == "int":
            return self.select(node.component(_pick(range(length), rest[0])), then)
        if kind == "name":
            return self.select(node.swizzle(rest[0]), then)
        if kind == "names":
            if len({len(swizzle) for swizzle in rest[0]}) > 1:
                raise ExpressionError("swizzles of different lengths")
            return self._stack([self.select(node.swizzle(s), then) for s in rest[0]], varies=False)
        if kind == "keys":
            raise ExpressionError("an array value has no keys")
        return self._components(node, _positions(kind, rest[0], length), then, node.varies)

    def _components(self, node, chosen, then, varies):
        if not chosen:
            if node.shape[0] == 0:
                raise SpecificationGap("an empty array value")
            inner = self.select(node.component(0), then)
            return Nest((0,) + inner.shape, [], inner.format, varies)
        return self._stack([self.select(node.component(i), then) for i in chosen], varies)

    # ---- axes

    def _stack(self, parts, varies):
        """One new first axis over `parts`, or, for ragged='flat', their first axes in a row."""
        if len({part.format for part in parts}) > 1:
            raise SpecificationGap("one property of several types without a tuple of names")
        slots = [slot for part in parts for slot in part.slots]
        format = parts[0].format
        if self.ragged == "flat" and any(part.varies for part in parts):
            if varies or any(part.offsets for part in parts):
                raise ExpressionError("more than one ragged level")
            if len({(len(part.shape), part.shape[1:]) for part in parts}) > 1:
                raise ExpressionError("ragged beyond the first level, or numbers beside arrays")
            offsets = [0]
            for part in parts:
                offsets.append(offsets[-1] + part.shape[0])
            return Nest((offsets[-1],) + parts[0].shape[1:], slots, format, offsets=offsets)
        shapes = [part.shape for part in parts]
        if len(set(shapes)) > 1:
            raise ExpressionError(f"ragged: lengths {[shape[:1] for shape in shapes]}")
        if parts[0].offsets is not None:
            raise SpecificationGap("a ragged level below two others")
        return Nest((len(parts),) + shapes[0], slots, format, varies)


def _of_layer(node, rest):
    """An Ellipsis on a layer: as many ':' as there are axes of elements and values, where no own property follows."""
    if rest and rest[0][0] in ("name", "names"):
        names = (rest[0][1],) if rest[0][0] == "name" else rest[0][1]
        if names[0] in node.rna.properties.keys():
            return rest
    elements, name = node.layer()
    value = Struct(None, elements.element_type).property(name)
    axes = len(value.shape) if isinstance(value, Array) else 0
    if len(rest) > axes:
        return rest
    return [WHOLE, ("ellipsis",), *rest]


def _axes_left_to_ellipsis(node, rest):
    """How many ':' an Ellipsis stands for: the axes that no item up to the next name takes."""
    taken = 0
    while taken < len(rest) and rest[taken][0] not in ("name", "names"):
        taken += 1
    if isinstance(node, Collection):  # a name leaves the collection: it takes none of its axes
        return max(0, 1 - taken)
    if isinstance(node, Array):  # a swizzle takes one
        return max(0, len(node.shape) - taken - (taken < len(rest)))
    return 0


def _pick(row, i):
    if not -len(row) <= i < len(row):
        raise ExpressionError(f"index {i} is out of range for length {len(row)}")
    return row[i]


def _positions(kind, what, length):
    """The positions along an axis of `length` that a slice, gather or mask chooses."""
    if kind == "slice":
        return list(range(length)[what])
    if kind == "mask":
        if len(what) != length:
            raise ExpressionError(f"a mask of {len(what)} on an axis of {length}")
        return [i for i, chosen in enumerate(what) if chosen]
    return [_pick(range(length), i) for i in what]


def _nested(values, shape):
    if not shape:
        return next(values)
    return [_nested(values, shape[1:]) for _ in range(shape[0])]
