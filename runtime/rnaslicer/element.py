# runtime/rnaslicer/element.py: the element route: bpy's getattr and setattr, one by one.
"""The slowest route and the one that is always right: bpy itself reads and writes each value."""

import operator

from .dense import Dense
from .errors import ExpressionError, ReadOnlyError, SlicerError, ValueRangeError
from .proof import flat_value
from .rna import enum_number, enum_value, find
from .routes import Route
from .writing import noticing_tags, settle, translated


class ElementRoute(Route):
    """One getattr or setattr for each element."""

    name = "element"

    def __init__(self, leaf, view):
        super().__init__(leaf, view, None)
        self._whole = Dense(leaf, view, None)

    @property
    def kernel(self):
        """The kernel between bpy's numbers and the cache."""
        return self._whole.mover and self._whole.mover.kernel

    def _dense(self, spans):
        return self._whole if spans is None else Dense(self.leaf, self.view, spans)

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        reached = self.follow()
        if not nothing:
            read(self.leaf, reached, self._dense(spans), cache)

    def update(self, cache, region):
        """Cache to Blender."""
        nothing, spans = self.spans(region)
        reached = self.follow()
        if not nothing:
            write(self.leaf, reached, self._dense(spans), cache)


def numbers(leaf, struct):
    """The flat numbers of one element's property."""
    prop = leaf.property
    try:
        value = getattr(struct, prop.identifier)
    except AttributeError as error:
        raise ExpressionError(f"{leaf.path}: not every element has {prop.identifier!r}: {error}") from None
    if prop.type != "ENUM":
        return flat_value(prop, value)
    number = enum_number(find(struct.bl_rna, prop.identifier), value)
    if number is None:
        raise SlicerError(f"{leaf.path}: {prop.name} is {value!r}, which stands for no number that bpy "
                          "would tell")
    return (number,)


def read(leaf, reached, dense, cache):
    """getattr on every row of a region, into the cache."""
    values, at = dense.buffer(), 0
    for struct in leaf.elements(reached, dense.rows):
        flat = numbers(leaf, struct)
        for component in dense.components:
            values[at] = flat[component]
            at += 1
    dense.fill(cache, values)


def write(leaf, reached, dense, cache):
    """setattr on every row of a region, in C order; says what was written if bpy stops half-way."""
    values = dense.values_of(cache)
    prop, name = leaf.property, leaf.property.identifier
    structs = leaf.elements(reached, dense.rows)
    if not structs:
        return
    if any(map(operator.methodcaller("is_property_readonly", name), structs)):
        raise ReadOnlyError(f"cannot update {leaf.path}: {prop.name} is read-only here")
    width = len(dense.components)
    parts = values.cast("B").cast(values.format, (len(structs), width)).tolist()
    # Elements by the million: what each takes is worth making out once.
    whole = prop.type != "ENUM" and len(prop.dims) < 2 and dense.components == list(range(prop.length))
    if whole and not prop.dims:
        parts = values.tolist()
    if prop.type == "ENUM":
        for struct, part in zip(structs, parts):
            if rna_value(leaf, struct, dense.components, part) is None:
                raise ValueRangeError(f"{leaf.path}: {part[-1]} is no item of {prop.name} of a "
                                      f"{struct.bl_rna.identifier}; nothing was written")
    pairs = zip(structs, parts)
    try:
        with noticing_tags(leaf, structs[0]):
            struct, part = next(pairs)
            setattr(struct, name, part if whole else rna_value(leaf, struct, dense.components, part))
        if whole:
            for struct, part in pairs:
                setattr(struct, name, part)
        else:
            for struct, part in pairs:
                setattr(struct, name, rna_value(leaf, struct, dense.components, part))
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        done = len(structs) - 1 - sum(1 for _ in pairs)
        raise translated(error, leaf, done, len(structs)) from error
    settle(leaf, reached)


def rna_value(leaf, struct, components, part):
    """What setattr takes: the element's own value with the named components replaced."""
    prop = leaf.property
    if prop.type == "ENUM":
        rna = find(struct.bl_rna, prop.identifier)
        return enum_value(rna, part[-1], prop.is_flag)
    if not prop.dims:
        return part[-1]
    if len(components) == prop.length and len(set(components)) == prop.length:
        flat = [0] * prop.length
    else:
        flat = list(flat_value(prop, getattr(struct, prop.identifier)))
    for component, value in zip(components, part):
        flat[component] = value
    return nested(prop, flat)


def nested(prop, flat):
    """Flat numbers in RNA's order as the nested sequence that bpy takes."""
    if len(prop.dims) == 1:
        return flat
    if prop.is_matrix:  # nested lists would be taken by columns, a Matrix is taken by rows
        from mathutils import Matrix

        rows, columns = prop.dims
        return Matrix([[flat[c * rows + r] for c in range(columns)] for r in range(rows)])
    for extent in reversed(prop.dims[1:]):
        flat = [flat[i : i + extent] for i in range(0, len(flat), extent)]
    return flat
