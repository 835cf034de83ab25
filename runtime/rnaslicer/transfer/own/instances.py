# runtime/rnaslicer/transfer/own/instances.py: the instances of a depsgraph, by bpy's bulk call or one iteration.
"""Nothing of an instance outlives its step of the iteration: values are taken within it, and none is held."""

from ...errors import ShapeChangedError
from ...layout.values import flat_value
from ...blender.rna import enum_number, find
from ..foreach import Bulk, buffer_scalar, flat

_agreed = {}  # property -> whether foreach_get gave what getattr gives


class InstancesRoute(Bulk):
    """One property of all instances, or of what a chain of pointers leads to."""

    def __init__(self, leaf, view):
        self._bulk = not leaf.chain and leaf.property.type != "ENUM"
        super().__init__(leaf, view, buffer_scalar(leaf.property) if self._bulk else leaf.property.value)
        self.name = "foreach" if self._bulk else "element"
        self.straight = self.straight and self._bulk and leaf.only < 0
        self._count = leaf.length * leaf.property.length

    def same_length(self, reached):
        """As many instances as at enter."""
        if len(reached) != self.leaf.length:
            raise ShapeChangedError(f"{self.leaf.path} had {self.leaf.length} instances when the context was entered "
                                    f"and has {len(reached)} now; enter again")

    def same_type(self, reached):
        """RNA declares the type of instances; that of what a chain leads to is compared on the way."""

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        coll = self.follow()
        if nothing:
            return
        if self._bulk and self._agrees(coll):
            if self.straight and spans is None:
                self._get(coll, cache)
                return
            values = self.buffer()
            self._get(coll, values)
        else:
            values = self._iterated(coll)
        if self.leaf.only >= 0:
            length = self.leaf.property.length
            values = memoryview(values)[self.leaf.only * length : (self.leaf.only + 1) * length]
        self.mover.refresh(cache, values, spans)

    def _get(self, coll, values):
        try:
            coll.foreach_get(self.leaf.property.identifier, flat(values, self.leaf.property))
        except (AttributeError, TypeError, RuntimeError) as error:
            raise ShapeChangedError(f"bpy cannot read {self.leaf.path} in bulk any more: {error}") from error

    def _agrees(self, coll):
        """Compared with getattr once for each property, over the first few."""
        prop = self.leaf.property
        if prop.identifier not in _agreed:
            values, few = self.buffer(), min(len(coll), 4)
            self._get(coll, values)
            found = memoryview(values).tolist()[:few * prop.length]
            wanted = [number for _, instance in zip(range(few), coll) for number in self._numbers(instance)]
            _agreed[prop.identifier] = found == wanted
        return _agreed[prop.identifier]

    def _iterated(self, coll):
        """All values in one buffer; those that are not selected stay what they are."""
        leaf, values = self.leaf, memoryview(self.buffer())
        wanted, length = {leaf.only} if leaf.rows is None else set(leaf.rows.indices()), leaf.property.length
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
