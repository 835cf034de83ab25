# runtime/rnaslicer/transfer/own/instances.py: the instances of a depsgraph, by bpy's bulk call or one iteration.
"""Nothing of an instance outlives its step of the iteration: values are taken within it, and none is held. To count
instances Blender makes each of them, which costs as much as reading one property: so what reads them counts."""

from ... import _core
from ...errors import ShapeChangedError
from ...layout.storage import FORMAT
from ...layout.values import flat_value
from ...blender.rna import enum_number, find
from ..foreach import Bulk, buffer_scalar, flat

_UNWRITTEN = 0xA5  # what bytes hold that a bulk call has not come to; no truth value
_agreed = {}  # property -> whether foreach_get gave what getattr gives


class InstancesRoute(Bulk):
    """One property of all instances, or of what a chain of pointers leads to."""

    def __init__(self, leaf, view):
        self._bulk = not leaf.chain and leaf.property.type != "ENUM"
        super().__init__(leaf, view, buffer_scalar(leaf.property) if self._bulk else leaf.property.value)
        self.name = "foreach" if self._bulk else "element"
        self.straight = False  # values that are not as many as at enter must not reach the cache
        self._count = leaf.length * leaf.property.length

    def same_length(self, reached):
        """Whoever reads them counts."""

    def _as_many(self, count):
        """As many instances as at enter."""
        self.leaf.path.root.count(count if count == self.leaf.length else None)
        if count != self.leaf.length:
            raise ShapeChangedError(f"{self.leaf.path} had {self.leaf.length} instances when the context was entered "
                                    f"and has {count} now; enter again")

    def same_type(self, reached):
        """RNA declares the type of instances; that of what a chain leads to is compared on the way."""

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        coll = self.follow()
        if nothing or not self._count:
            self._as_many(len(coll))
            return
        if self._bulk and self._agrees(coll):
            values = self._got(coll)
        else:
            values = self._iterated(coll)
        if self.leaf.only >= 0:
            length = self.leaf.property.length
            values = memoryview(values)[self.leaf.only * length : (self.leaf.only + 1) * length]
        self.mover.refresh(cache, values, spans)

    def _got(self, coll):
        """What foreach_get gives, which says nothing where there are fewer values or more: the buffer has room for one
        more instance, whose bytes must stay what they are, and those of the last one must not."""
        length = self.leaf.property.length
        values = memoryview(_core.allocate((self._count + length,), FORMAT[self.scalar], None))
        raw, size, end = values.cast("B"), values.itemsize, self._count * values.itemsize
        unwritten = bytes([_UNWRITTEN]) * size
        raw[end - size : end] = raw[-size:] = unwritten
        try:
            coll.foreach_get(self.leaf.property.identifier, flat(values, self.leaf.property))
        except (AttributeError, TypeError, RuntimeError) as error:
            self._as_many(len(coll))
            raise ShapeChangedError(f"bpy cannot read {self.leaf.path} in bulk any more: {error}") from error
        if raw[end - size : end] == unwritten or raw[-size:] != unwritten:
            self._as_many(len(coll))
        self._as_many(self.leaf.length)
        return values[: self._count]

    def is_bulk(self):
        """Whether bpy's bulk call gave what getattr gives when this was read."""
        return self._bulk and _agreed.get(self.leaf.property.identifier, False)

    def _agrees(self, coll):
        """Compared with getattr once for each property, over the first few."""
        prop = self.leaf.property
        if prop.identifier not in _agreed:
            few = min(self.leaf.length, 4)
            found = self._got(coll)[: few * prop.length].tolist()
            wanted = [number for _, instance in zip(range(few), coll) for number in self._numbers(instance)]
            _agreed[prop.identifier] = found == wanted
        return _agreed[prop.identifier]

    def _iterated(self, coll):
        """All values in one buffer; those that are not selected stay what they are."""
        leaf, values = self.leaf, memoryview(self.buffer())
        wanted, length = {leaf.only} if leaf.rows is None else set(leaf.rows.indices()), leaf.property.length
        i = -1
        for i, reached in enumerate(coll):
            if i not in wanted:
                continue
            for name in leaf.chain:
                reached = getattr(reached, name, None)
            if reached is None or reached.bl_rna.identifier != leaf.element:
                now = "None" if reached is None else f"a {reached.bl_rna.identifier}"
                raise ShapeChangedError(f"{leaf.path}[{i}].{'.'.join(leaf.chain)} was a {leaf.element} when the context "
                                        f"was entered and is {now} now; enter again")
            for at, number in enumerate(self._numbers(reached), i * length):
                values[at] = number
        self._as_many(i + 1)
        return values

    def _numbers(self, struct):
        prop = self.leaf.property
        value = getattr(struct, prop.identifier)
        if prop.type == "ENUM":
            number = enum_number(find(struct.bl_rna, prop.identifier), value)
            if number is None:
                raise ShapeChangedError(f"{self.leaf.path}: {prop.name} is {value!r}, which stands for no number")
            return (number,)
        return flat_value(prop, value)
