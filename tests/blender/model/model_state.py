# tests/blender/model/model_state.py: what the model campaign believes is in Blender, in plain Python; and a wrapper's own model
"""`State` is all data by datablock and layer, as lists of numbers. `Held` is what is known of one wrapper: which of
these numbers its cache stands for, and what a use of it owes. No bpy here."""
import math


class Lost(Exception):
    """The way to the data is broken."""


class Layer:
    """Values of a property of all elements of a collection, flat; `format` is that of a MemCache, `kind` tells layers
    apart that have the same name but other elements."""

    def __init__(self, kind, format, width, values, lengths=None):
        self.kind, self.format, self.width, self.values = kind, format, width, list(values)
        self.lengths = lengths  # of weights: how many each vertex has

    def __len__(self):
        return len(self.values) // self.width

    def copy(self):
        return Layer(self.kind, self.format, self.width, self.values, self.lengths)


class Id:
    """A datablock. `layers`: path (see model_steps.elements) to Layer; `data`: number of the ID an object shows."""

    def __init__(self, home, name, layers, data=None, linked=False, keyed=False):
        self.home, self.name, self.layers = home, name, layers
        self.data, self.linked, self.keyed = data, linked, keyed

    def copy(self, **changes):
        made = Id(self.home, self.name, {path: layer.copy() for path, layer in self.layers.items()}, self.data,
                  self.linked, self.keyed)
        for name, value in changes.items():
            setattr(made, name, value)
        return made


class State:
    """{number: Id}; a number is never used twice, so that it is the identity a wrapper must keep to."""

    def __init__(self, ids=()):
        self.ids = dict(ids)

    def copy(self):
        return State({number: id_.copy() for number, id_ in self.ids.items()})

    def of(self, home):
        return [(number, id_) for number, id_ in self.ids.items() if id_.home == home]

    def in_order(self, home):
        """As Blender sorts them."""
        return sorted(self.of(home), key=lambda item: (item[1].linked, item[1].name))


class Held:
    """A wrapper and what it stands for.

    target: ("layer", number of the ID, path), ("list", path): the objects of the file, ("these", numbers, path): some of
        them, or ("data", numbers, path): a layer of the meshes that these objects show
    rows: slice or list; component: None for all, a number, or a swizzle; more: names of further properties of equal shape
    """

    more = ()

    def __init__(self, vw, target, rows, component, text):
        self.vw, self.target, self.rows, self.component, self.text = vw, target, rows, component, text
        self.width = self.dtype = self.example = self.kind = None  # of the layer when the wrapper was made
        self.cache = None  # flat values while entered, else None
        self.shape = self.was = self.numbers = None
        self.fired = 0
        self.was_lost = self.was_loaded = self.was_undone = False

    def reach(self, state):
        """[(Layer, row)] of all elements, before `rows`; Lost."""
        kind, *where = self.target
        if kind == "layer":
            number, path = where
            layers = state.ids[number].layers if number in state.ids else {}
            if path[0] == "attribute" and path not in layers:  # one of another type may have its name now
                path = next((other for other in layers if other[:2] == path[:2]), path)
            if path not in layers:
                raise Lost
            layer = layers[path]
            return [(layer, row) for row in range(len(layer))]
        if kind == "list":
            numbers = [number for number, _ in state.in_order("objects")]
        else:
            numbers = where[0]
            if any(number not in state.ids for number in numbers):
                raise Lost
        if kind == "data":
            layers = [state.ids[state.ids[number].data].layers[where[-1]] for number in numbers]
            return [(layer, row) for layer in layers for row in range(len(layer))]
        return [(state.ids[number].layers[where[-1]], 0) for number in numbers]

    def order(self, state):
        return [number for number, _ in state.in_order("objects")] if self.target[0] == "list" else None

    def ids(self, state):
        """The numbers of the datablocks that an update writes to."""
        kind, *where = self.target
        if kind == "list":
            return [number for number, _ in state.of("objects")]
        if kind == "data":
            return [state.ids[number].data for number in where[0] if number in state.ids]
        return where[0] if kind == "these" else [where[0]]

    def paths(self):
        """All paths that it names."""
        return [self.target[-1], *((*self.target[-1][:2], name) for name in self.more)]

    def kept(self, state):
        """What must stay as it was at enter: lengths and types."""
        reached = self.reach(state)
        if self.target[0] == "data":
            found = [state.ids[state.ids[number].data].layers[self.target[-1]] for number in self.target[1]]
            return [len(layer) for layer in found]
        return len(reached), {layer.kind for layer, _ in reached}, {layer.lengths for layer, _ in reached}

    def cells(self, state):
        """(shape, [(values, index)]) in the order of the cache."""
        reached = self.reach(state)
        chosen = reached[self.rows] if isinstance(self.rows, slice) else [reached[i] for i in self.rows]
        width = chosen[0][0].width if chosen else self.width
        components, shape = list(range(width)), (len(chosen), width)
        if isinstance(self.component, int):
            components, shape = [self.component], (len(chosen),)
        elif self.component is not None:
            components = ["xyzw".index(letter) for letter in self.component]
            shape = (len(chosen), len(components)) if len(components) > 1 else (len(chosen),)
        elif width == 1:
            shape = (len(chosen),)
        if self.target[0] == "data":
            shape = (len(self.target[1]), len(chosen) // len(self.target[1]), *shape[1:])
        if not self.more:
            return shape, [(layer.values, row * width + c) for layer, row in chosen for c in components]
        layers = [self.beside(state, name) for name in self.more]
        every = [[one, *(found[id(one[0])] for found in layers)] for one in chosen]
        cells = []
        for (layer, row), *others in every:
            for values in (layer.values, *(other.values for other in others)):
                cells += [(values, row * width + c) for c in components]
        return (shape[0], 1 + len(self.more), *shape[1:]), cells

    def beside(self, state, name):
        """{id of a Layer: the Layer of another property of the same elements}."""
        path = (*self.target[-1][:2], name)
        return {id(id_.layers[self.target[-1]]): id_.layers[path] for id_ in state.ids.values()
                if self.target[-1] in id_.layers}

    def enter(self, state):
        self.shape, cells = self.cells(state)
        self.cache = [values[i] for values, i in cells]
        self.was = self.kept(state)
        self.numbers = self.order(state)
        self.fired, self.was_lost, self.was_loaded, self.was_undone = 0, False, False, False

    def status(self, state):
        """"ok", "lost" or "shape", as the data stands to what it was at enter."""
        try:
            return "ok" if self.kept(state) == self.was else "shape"
        except Lost:
            return "lost"


def region(shape, a):
    """(subscript, positions in C order) of a random region: on each axis a slice, or one place."""
    subscript, positions = [], [0]
    for axis, extent in enumerate(shape):
        a, choice = divmod(a, 8)
        a, start = divmod(a, extent + 1)
        a, length = divmod(a, extent + 1)
        if choice == 0 and axis and start < extent:
            item, chosen = start, [start]
        else:
            item = slice(None) if choice > 5 else slice(start, start + length, (1, 1, 2, 3, 1, 1)[choice])
            chosen = range(*item.indices(extent))
        subscript.append(item)
        positions = [p * extent + i for p in positions for i in chosen]
    return tuple(subscript), positions


def size(shape):
    return math.prod(shape)
