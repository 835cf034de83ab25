# runtime/rnaslicer/transfer/own/custom.py: custom properties, read and written by bpy's own item access.
"""Each struct may give its property another type, or none, at any time: so all are looked at in each call, before the
first is written. bpy tags and updates nothing when an item is assigned; neither do we."""

from ...blender.custom import FormError, holder_of
from ...errors import ReadOnlyError, ShapeChangedError
from ...basis.records import replace
from ...supplier.several import Several
from ..element import OneByOne
from ..writing.permission import check_writable, probe_writing, translated, why_not_kept
from .doubles import converted, doubles
from .forms import value_as_at_enter


class CustomRoute(OneByOne):
    """One item access for each struct."""

    leads = True  # any struct may have lost its property

    def same_type(self, reached):
        """Any struct may have custom properties; what they hold is compared where they are read."""

    def look(self, region):
        """Raises where a refresh would."""
        nothing, spans = self.spans(region)
        self._look(self.follow(), self.dense(None if nothing else spans).rows)

    def refresh(self, cache, region):
        """Blender to cache."""
        nothing, spans = self.spans(region)
        reached = self.follow()
        if nothing:
            self._look(reached, self.dense(None).rows)
            return
        dense = self.dense(spans)
        numbers = []
        for value in self._values(reached, dense.rows):
            numbers += [value] if not self.leaf.property.dims else [value[i] for i in dense.components]
        if self._is_double:
            dense.fill(cache, bytearray(converted(numbers, self.view.scalar)))
            return
        values = dense.buffer()
        for at, number in enumerate(numbers):
            values[at] = number
        dense.fill(cache, values)

    def check(self, cache, region):
        """Raises where one of the structs may not be written, or has a property of another type now."""
        nothing, spans = self.spans(region)
        reached = self.follow()
        if nothing:
            self._look(reached, self.dense(None).rows)
            return
        rows = self.dense(spans).rows
        for path, struct in self._owned(reached, rows):
            if struct.id_data != struct:  # what lies in a datablock may be what edit mode overwrites
                check_writable(self._alone(path), struct)
                continue
            why = why_not_kept(self._alone(path), struct)
            if why:
                raise ReadOnlyError(f"cannot update {path}{self.leaf.property.identifier}: {why}")
            probe_writing(self._alone(path), struct)
        self._look(reached, rows)

    def ready(self):
        """Nothing has to be made."""

    def update(self, cache, region):
        """Cache to Blender."""
        nothing, spans = self.spans(region)
        reached = self.follow()
        if nothing:
            self._look(reached, self.dense(None).rows)
            return
        dense, leaf = self.dense(spans), self.leaf
        values = dense.values_of(cache)
        numbers = doubles(values, self.view.scalar) if self._is_double else values.tolist()
        width, done = len(dense.components), 0
        whole = dense.components == list(range(leaf.property.length)) if leaf.property.dims else False
        structs = leaf.elements(reached, dense.rows)
        self._look(reached, dense.rows)
        try:
            for done, struct in enumerate(structs):
                part = numbers[done * width : (done + 1) * width]
                holder, key = holder_of(struct, leaf.keys), leaf.keys[-1]
                if whole:
                    holder[key][:] = part
                elif leaf.property.dims:
                    array = holder[key]
                    for component, number in zip(dense.components, part):
                        array[component] = number
                else:
                    holder[key] = part[-1]
        except FormError as why:  # cannot be: all were looked at above, and item access runs no script
            raise ShapeChangedError(f"{leaf.path}{leaf.property.identifier}: {why}") from None
        except (AttributeError, ReferenceError, TypeError, ValueError, RuntimeError) as error:
            raise translated(error, leaf, done, len(structs)) from error

    @property
    def _is_double(self):
        return self.leaf.property.value == "f64"

    def _look(self, reached, rows):
        """Raises ShapeChangedError where one has another form."""
        for _ in self._values(reached, rows):
            pass

    def _values(self, reached, rows):
        """The values at `rows`. ShapeChangedError names the first that has not the form it had at enter."""
        for row, struct in zip(rows, self.leaf.elements(reached, rows)):
            yield value_as_at_enter(self._path(row), struct, self.leaf)

    def _path(self, row):
        path = self.leaf.path
        if row is None:
            return path
        return path.paths[row] if isinstance(path, Several) else path.item(row)

    def _owned(self, reached, rows):
        return [(self._path(row), struct) for row, struct in zip(rows, self.leaf.elements(reached, rows))]

    def _alone(self, path):
        """The leaf of one struct."""
        return replace(self.leaf, path=path, rows=None)
