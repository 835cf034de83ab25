# runtime/rnaslicer/transfer/routes.py: what the routes (direct, foreach, element) share.
"""Same values, different speed. A route is made at enter for one leaf (choice.py) and lives until exit.

`refresh(cache, region)` and `update(cache, region)` move the part of the view's region (None: all)
that falls on the leaf. Each call finds its data anew and forgets every address before it returns.
"""

import math

from .kernels.dense import Dense
from ..errors import ContextError, StorageChanged
from ..basis.records import replace
from .kinds import Kinds
from ..layout.whole import why_underivable
from ..supplier.identity import Path
from ..supplier.several import Several
from .kernels.lowering import lower, own_spans
from .kernels.mover import Mover
from .writing import partitions
from .writing.checks import check_enum, check_name_is_free, check_topology, each_of, topology
from .writing.permission import check_each, check_writable, differs_by_struct
from .writing.ready import make_ready


class Route:
    """One leaf on its way between bpy and the cache."""

    name = ""
    by_memory = False  # moves the values by their addresses
    same_storage = False  # counts on all elements holding them in the same way
    why = ""  # it is that route and not direct, or what else is to be said of it: see inspection/seen.py
    straight = False  # bpy fills the whole cache itself, and the kernel is for regions and updates
    updating = None  # the kernel of updates, where it is not that of refreshes
    leads = False  # has a `look`, which raises where what leads to its values (an index, a key) leads nowhere
    composed = False  # what native code is told of it says transfer/composed/
    may_enter_again = False  # its `enter_again` asks all that it depends on (entered/again.py)
    all_is_told = False  # then by any items and settings: they are in the key, and nothing else is looked at
    assigns = False  # bpy writes element by element, each of which may be read-only
    probes = True  # asks bpy whether it lets us write here before anything is written

    def __init__(self, leaf, view, layout):
        self.leaf, self.view = leaf, view
        self.asked = leaf  # to choose a route anew
        self.mover = Mover(lower(leaf, view, layout)) if layout is not None else None
        self.kinds = Kinds(leaf, self.same_storage and not self.by_memory)
        self._whole = None  # what packs all values, where bpy moves them one by one
        self.held = None  # datablocks that bpy wrote so: only of collections, whose order is compared

    @property
    def kernel(self):
        """The kernel that moves this leaf, or None where no copy is compiled."""
        return self.mover and self.mover.kernel

    def comparing(self):
        """The routes that compare the types that were at enter: this, or those that it is made of."""
        return [self]

    def parts(self):
        """The routes that it is made of."""
        return ()

    def own_kernels(self):
        """The kernels that it may run, without those of its parts; for who looks."""
        return [one for one in (self.kernel, self.updating) if one is not None]

    def spans(self, region):
        """(nothing, spans): whether the region misses this leaf, and its part on the leaf's axes."""
        if region is None:
            return False, None
        found = own_spans(self.leaf, region)
        return found is None, found

    def dense(self, spans):
        """The `Dense` of a part of the leaf; None: of all."""
        raw = self.leaf.property.value == "f64"
        if spans is not None:
            return Dense(self.leaf, self.view, spans, raw)
        if self._whole is None:
            self._whole = Dense(self.leaf, self.view, None, raw)
        return self._whole

    def follow(self):
        """The collection or struct now, with the length it had at enter."""
        reached = self.leaf.path.follow()
        self.compare(reached)
        return reached

    def compare(self, reached):
        """Raises ShapeChangedError if what was reached has not the length and types it had at enter."""
        self.same_type(reached)
        self.same_length(reached)
        if self.leaf.derived:
            check_derivable(self.leaf, reached)

    def same_length(self, reached):
        """Raises ShapeChangedError if the collection has another length than at enter."""
        self.leaf.check_length(reached)

    def same_type(self, reached):
        """Raises ShapeChangedError if elements are of other types than before, which have not the property that is
        moved; StorageChanged if they have it, but may hold it elsewhere."""
        if self.kinds.compare(self.leaf, reached, self.by_memory):
            return
        several = {"uniform": False, "shared": self.leaf.uniform or self.leaf.shared}
        self.leaf, self.asked = replace(self.leaf, **several), replace(self.asked, **several)
        if self.same_storage:
            raise StorageChanged(f"elements of {self.leaf.path} are of other types than before")

    def check(self, cache, region):
        """Raises where an update of the region must not even start: nothing is written before all
        leaves have passed."""
        nothing, spans = self.spans(region)
        rows = self.leaf.rows.indices_of(*spans[0]) if spans and self.leaf.rows is not None else None
        reached = self.leaf.path.follow()
        self.same_type(reached)  # what is asked next is asked of the property
        check_writable(self.leaf, reached, rows, self.probes)
        self.same_length(reached)
        if self.assigns and not nothing and differs_by_struct(self.leaf):
            every = rows if rows is not None or self.leaf.rows is None else self.leaf.rows.indices()
            check_each(self.leaf, [one for one in self.leaf.elements(reached, every) if one is not None])
        check_name_is_free(self.leaf, reached)
        target, is_enum = topology(self.leaf, reached), self.leaf.property.type == "ENUM"
        if nothing or target is None and not is_enum or not math.prod(self.leaf.axes):
            return
        divides = target == ""
        values = self.integers(cache, spans, ("i32",) if is_enum or divides else ("i32", "i64"))
        check = partitions.check if divides else check_topology
        if target is not None:
            each_of(self.leaf, reached, rows, values, check) if isinstance(self.leaf.path, Several) else check(
                self.leaf, reached, rows, values)
        if is_enum:
            check_enum(self.leaf, reached, rows, values)

    def integers(self, cache, spans, scalars):
        """What an update of `spans` asks for, before clamping, as a buffer of one of the scalars, i32 at least."""
        covers = math.prod(self.leaf.axes) == math.prod(self.view.shape)
        if spans is None and covers and self.view.scalar in scalars and self.view.strides is None:
            return memoryview(cache)
        return Dense(self.leaf, self.view, spans).values_of(cache)

    def ready(self):
        """Called between the checks of all leaves and the first write."""
        make_ready(self.leaf)


def check_derivable(leaf, reached):
    """Raises ContextError where Blender would compute a leaf's values from geometry that is not whole, and crash."""
    owners = {struct.id_data for struct in reached} if isinstance(reached, list) else {reached.id_data}
    name = leaf.path.steps[-1][1] if leaf.path.steps else None
    whys = (why_underivable(leaf.element, leaf.property, owner, name) for owner in owners)
    why = next(filter(None, whys), None)
    if why:
        raise ContextError(f"{leaf.property.name} of {leaf.path} cannot be computed: {why}; complete the geometry "
                           "first")


def are_nothing(routes):
    """Whether routes are for elements of one collection that is empty (own/nothing.py)."""
    return bool(routes) and all(type(route) is EmptyRoute and type(route.leaf.path) is Path and route.leaf.rows is not None
                                and not route.leaf.rows.length for route in routes)


class EmptyRoute(Route):
    """A leaf without values: only its length can change."""

    name = "direct"

    def __init__(self, leaf, view):
        super().__init__(leaf, view, None)

    def refresh(self, cache, region):
        """Nothing to read."""
        self.follow()

    def update(self, cache, region):
        """Nothing to write."""
        self.follow()
