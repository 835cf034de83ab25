# runtime/rnaslicer/transfer/kinds.py: whether the elements of a leaf are of the types that they had at enter.
"""Where the declared type of a collection allows several (modifiers, constraints, nodes, sockets, lights), an element
may be replaced by one of another type, whose memory holds something else at the same place. So the types of all that
are moved are compared at each call. An attribute layer is told by its type and domain; its elements need no look.
"""

import functools

from .. import _core
from ..blender.registered import bytes_of, registration
from ..blender.rna import describe, find
from ..errors import ShapeChangedError, SupplierLostError
from ..supplier.identity import MAIN, Path
from ..supplier.several import Several

def classes_on(path, begin, end):
    """By step of a path, from one number of steps to another, the class of the struct that a pointer leads to; None
    where it is no pointer."""
    import bpy

    if begin >= end:
        return ()
    reached = []
    reached.append(Path(path.root, path.steps[:end]).follow(reached))
    reached = reached[begin + 1:]
    return tuple(type(one) if kind == "attr" and isinstance(one, bpy.types.bpy_struct) else None
                 for (kind, _), one in zip(path.steps[begin:end], reached))


def note_layers(routes, layers):
    """What native code saw at enter, in the order of the routes: (class of each collection's owner, its domain)."""
    routes = [one for route in routes for one in route.comparing()]
    legs, rest = divmod(len(routes), len(layers))
    if rest:
        raise ValueError(f"{len(routes)} routes cannot be those of {len(layers)} layers")
    for i, route in enumerate(routes):
        if _owners(route.leaf) == [None]:
            route.kinds.noted(*layers[i // legs])


class Kinds:
    """The types of a leaf's elements as they were when last compared; first seen at the first comparison."""

    def __init__(self, leaf, every=False):
        self._path, self._property, self._rows = leaf.path, leaf.property, leaf.rows
        self._every = every  # the elements that the leaf does not select, too: bpy's bulk calls read all
        self._types = None  # of the elements: one for all, or one for each
        self._layers = None  # [path or None for the owner of the elements, what it was]
        self._registered = None  # class, number of its registration, and bytes of the property when last compared

    @property
    def registered(self):
        """What a script's property and its class were when last compared; the same object while they are."""
        return self._registered

    def noted_elements(self, types):
        """The classes of the collection's elements that native code saw at enter: one for all, or one for each."""
        selected = None if self._every or len(types) == 1 else self._rows
        self._types = types if selected is None else tuple(types[i] for i in selected.indices())

    def noted(self, owner, domain):
        """What native code saw at enter: the class of the collection's owner, its domain if that is an attribute."""
        self._layers = [(None, (owner, domain))]

    def compare(self, leaf, reached, by_memory=False):
        """True if all are of the types that they had; False if some are of others that have the very same property.
        Raises ShapeChangedError where it is another one or none, SupplierLostError where it is registered no more.
        by_memory: an empty slot is found without a look at the elements."""
        if self._property.runtime:
            self._compare_registered(leaf, reached)
        if leaf.of_root:  # a datablock's own collections have one type for ever
            return True
        self._compare_layers(leaf, reached)
        if leaf.exact or leaf.alike and (by_memory or leaf.path.root is MAIN):
            return True
        return self._compare_elements(leaf, reached)

    def seen(self, element):
        """The types of all elements when last compared, of which `element` has one."""
        return self._types or (type(element),)

    # Elements.

    def _compare_elements(self, leaf, reached):
        if leaf.rows is None:
            structs, numbers = [reached], None
        else:
            numbers = range(leaf.rows.length) if self._every else leaf.rows.indices()
            structs = leaf.elements(reached, numbers)
            structs = structs if type(structs) is list else list(structs)
        if not structs:
            return True
        if self._types is None:
            types = tuple(map(type, structs))
            self._types = types[:1] if len(set(types)) == 1 else types
        at = _core.other_type(structs, self._types)
        if at < 0:
            return True
        was = self._types * len(structs) if len(self._types) == 1 else self._types
        selected = set(leaf.rows.indices()) if self._every else None
        for i in range(at, len(structs)):
            number = numbers and numbers[i]
            if type(structs[i]) is not was[i] and (selected is None or number in selected):
                self._must_be_alike(structs[i], was[i], number)
        self._types = tuple(map(type, structs))
        return False

    def _must_be_alike(self, struct, was, number):
        """Raises ShapeChangedError if a struct has not the very property that those of a type have."""
        path, name = self._path, self._property.identifier
        if number is not None:
            path = path.paths[number] if isinstance(path, Several) else f"{path}[{number}]"
        before = f"{path} was a {was.__name__} when the context was entered and is"
        if struct is None:
            raise ShapeChangedError(f"{before} None now; enter again")
        now, then = find(struct.bl_rna, name), find(was.bl_rna, name)
        if now is not None and then is not None and now.as_pointer() == then.as_pointer():
            return
        has = f"which has no {name!r}" if now is None else f"whose {name!r} is another property"
        kind = _said_now((type(struct), None), (was, None))
        raise ShapeChangedError(f"{before} {kind} now, {has}; enter again")

    # Layers, and what else owns elements.

    def _compare_layers(self, leaf, reached):
        if self._layers is None:
            self._layers = [(path, _what_it_is(reached.data if path is None else path.follow()))
                            for path in _owners(leaf)]
        for path, was in self._layers:
            now = _what_it_is(reached.data if path is None else path.follow())
            if now != was:
                raise ShapeChangedError(f"{path or leaf.path} was of a {_said(was)} when the context was entered and "
                                        f"is of {_said_now(now, was)} now; enter again")

    # What scripts register.

    def _compare_registered(self, leaf, reached):
        """The property must be what it was: another one may have its name, and its place in memory."""
        try:
            kind = type(reached if leaf.rows is None else reached[leaf.rows.at(0) if leaf.rows.count else 0])
        except IndexError:
            return  # the length tells
        name = self._property.identifier
        if not hasattr(kind, "bl_rna"):
            raise ShapeChangedError(f"{leaf.path} was a collection of structs with {name!r} when the context was "
                                    f"entered and has values of {kind.__name__} now; enter again")
        prop = find(kind.bl_rna, name)
        if prop is None:
            raise SupplierLostError(f"{leaf.path}: {name!r} of {kind.__name__} is not registered any more")
        seen = kind, registration(kind), bytes_of(prop)
        if seen == self._registered and seen[-1] is not None:
            return
        if form_of(describe(kind.bl_rna, name)) != form_of(self._property):
            raise ShapeChangedError(f"{leaf.path}: {name!r} of {kind.__name__} is registered as another property than "
                                    "when the context was entered; enter again")
        self._registered = seen


def form_of(prop):
    """What must stay of a property that a script registered."""
    return prop._replace(struct="", clamp=None)


def _owners(leaf):
    """What has to stay of one kind: None for the owner of a collection whose type tells that of its elements, and paths
    to the attributes that single structs are in."""
    if leaf.rows is not None and not isinstance(leaf.path, Several):
        return [None] if leaf.exact else []
    if isinstance(leaf.path, Several) and not leaf.path.has_steps:
        return []
    paths = leaf.path.paths if isinstance(leaf.path, Several) else (leaf.path,)
    above = [Path(path.root, path.steps[:-2]) for path in paths if path.steps[-2:-1] == (("attr", "data"),)]
    return above if above and _is_attribute(type(above[0].follow())) else []


def _what_it_is(owner):
    kind = type(owner)
    return kind, owner.domain if _is_attribute(kind) else None


def _said(what):
    kind, domain = what
    return f"{kind.__name__} in the domain {domain}" if domain else kind.__name__


def _said_now(what, was):
    """The same of what is there now, told apart from what was."""
    said = _said(what)
    return f"another class that was registered as {said}" if said == _said(was) else f"a {said}"


@functools.cache
def _is_attribute(kind):
    import bpy

    return issubclass(kind, bpy.types.Attribute)
