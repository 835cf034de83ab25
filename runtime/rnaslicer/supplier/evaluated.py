# runtime/rnaslicer/supplier/evaluated.py: evaluated data by its original and the view layer that evaluates it.
"""Evaluated data is replaced by each evaluation, so it is asked for anew each time (DESIGN 4.1).

bpy tells of an evaluated object, material, ... its original. Of the mesh that modifiers gave it does not:
such a mesh is found as the `data` of the objects that show it. What cannot be found (to_mesh(), instances,
a render's own depsgraph) is valid until Blender next evaluates.
"""

import weakref

from .. import _core
from . import events
from ..errors import SupplierLostError
from .depsgraph import evaluate
from .events import clock
from .identity import Path, id_root, looked_up
from .search import embedding
from .uids import id_type, list_of, same

_known = weakref.WeakValueDictionary()  # (original's root, scene's root, layer's name) -> EvaluatedRoot
_MOST_OBJECTS = 16  # that share one evaluated mesh: all of them are asked at each use
_WITH_LISTS = "Scene", "Collection"  # lead to objects, which may be freed long before an evaluation notices


def _view_layers():
    """(scene, view layer) of those that have been evaluated, the current one first."""
    import bpy

    layers = [(scene, layer) for scene in bpy.data.scenes for layer in scene.view_layers
              if layer.depsgraph is not None]
    current = getattr(bpy.context, "view_layer", None)
    return sorted(layers, key=lambda pair: pair[1] != current)


class EvaluatedRoot(events.Watched):
    """What a view layer's evaluation makes of an ID in bpy.data: `evaluated_get` anew each time."""

    has_trails = True

    def __init__(self, original, scene, layer):
        super().__init__()
        self._original, self._scene, self._layer = original, scene, layer
        self.rename()
        self.type = EvaluatedRoot, original.type  # unlike that of an IDRoot

    def find(self):
        """The evaluated ID of now, as Blender last evaluated it; this does not evaluate."""
        return self.as_it_is()

    def as_it_is(self):
        """The same, also of what `find` has evaluated first."""
        original = self._original.find()
        layer = self._scene.find().view_layers.get(self._layer)
        graph = layer.depsgraph if layer is not None else None
        if graph is None:
            raise SupplierLostError(f"{self.name} is gone: view layer {self._layer!r} of {self._scene.name} "
                                    f"{'was removed or renamed' if layer is None else 'is not evaluated'}, "
                                    f"noticed at {clock(events.now()[1])}")
        evaluated = original.evaluated_get(graph)
        if not evaluated.is_evaluated:
            raise SupplierLostError(f"{self.name} is gone: view layer {self._layer!r} of {self._scene.name} no "
                                    f"longer evaluates it, {_last_evaluation()}")
        return evaluated

    def rename(self):
        """Takes the name that the original has by now."""
        self.name = f"evaluated {self._original.name}"

    def is_there(self):
        """Whether it can be found."""
        return _finds(self)


_core.set_evaluated(EvaluatedRoot)


class EvaluatedListsRoot(EvaluatedRoot):
    """The same of a scene or collection: its lists lead to objects that were removed, and freed, until Blender evaluates
    what waits. That is done first, as of a depsgraph (depsgraph.py)."""

    evaluates, has_trails = True, False

    def find(self):
        scene = self._scene.find()
        layer = scene.view_layers.get(self._layer)
        if layer is not None and layer.depsgraph is not None:
            evaluate(scene, layer, self.name)
        return self.as_it_is()

    def is_there(self):
        """Whether it can be found; events ask this, so that nothing is evaluated."""
        try:
            self.as_it_is()
        except SupplierLostError:
            return False
        return True


class SharedDataRoot(events.Watched):
    """The evaluated data that several objects show: while they show the same."""

    has_trails = True

    def __init__(self, roots, kind):
        super().__init__()
        self._roots, self._type = roots, kind
        self.type = SharedDataRoot, kind
        self.name = f"data of {', '.join(root.name for root in roots[:3])}{', ...' if roots[3:] else ''}"

    def find(self):
        """The data. Raises SupplierLostError once the objects show different data."""
        shown = [root.find().data for root in self._roots]
        first = shown[0]
        if not all(type(data) is self._type and data.as_pointer() == first.as_pointer() for data in shown):
            raise SupplierLostError(f"{self.name} is gone: each of these objects shows data of its own now, "
                                    f"{_last_evaluation()}; make a new Slicer from one of them")
        return first

    def is_there(self):
        """Whether it can be found."""
        return _finds(self)


class TemporaryRoot(events.Watched):
    """An evaluated or temporary ID that nothing leads back to: valid until Blender's next event."""

    def __init__(self, id_):
        super().__init__()
        self._ref = id_
        self.name = f"{id_.bl_rna.identifier} {id_.name_full!r}"
        self._generation, self._scenes = events.generation(), _scenes()
        self.evaluates = id_.bl_rna.identifier in _WITH_LISTS

    def find(self):
        """The ID, which nothing has replaced since it was captured."""
        found = self._as_it_is()
        if not self.evaluates:
            return found
        _evaluate_all(self.name)
        return self._as_it_is()

    def _as_it_is(self):
        # Which events free evaluated data is Blender's affair, and the reference may dangle: hazards.EVALUATED_DANGLES.
        if events.generation() != self._generation:
            raise self._gone(f"which is valid only until Blender next evaluates, {_last_evaluation()}")
        if _scenes() != self._scenes:
            raise self._gone("and a scene or view layer was added or removed, noticed at "
                             + clock(events.now()[1]))
        try:
            self._ref.name
        except ReferenceError:
            raise self._gone(f"and was freed (to_mesh_clear), noticed at {clock(events.now()[1])}") from None
        return self._ref

    def _gone(self, why):
        return SupplierLostError(f"{self.name} is gone: it was evaluated or temporary data, {why}; make a new "
                                 "Slicer from the data of now")

    def is_there(self):
        """Whether it can be found; never after an event."""
        return False


def _evaluate_all(name):
    for scene, layer in _view_layers():
        evaluate(scene, layer, name)


def _finds(root):
    try:
        root.find()
    except SupplierLostError:
        return False
    return True


def _scenes():
    """What evaluated data hangs on beside evaluations: removing a scene or view layer frees theirs."""
    import bpy

    return [(scene.as_pointer(), len(scene.view_layers)) for scene in bpy.data.scenes]


def _last_evaluation():
    last = max((e for e in map(events.last, ("evaluation", "frame", "render", "undo", "redo", "load")) if e),
               key=lambda e: e.number, default=None)
    if last is None:
        return f"noticed at {clock(events.now()[1])}"
    what = "frame change" if last.kind == "frame" else last.kind
    return f"the last {what} was at {clock(last.when)}"


def evaluated_path(id_):
    """The Path of an ID that is not in bpy.data; its root is a TemporaryRoot if nothing leads back."""
    try:
        found = (_of_owner(id_) if id_.is_embedded_data else _of_original(id_)) if id_.is_evaluated else None
        return found or _shown_by_objects(id_) or _of_any(id_) or Path(TemporaryRoot(id_))
    except SupplierLostError:
        return Path(TemporaryRoot(id_))


def _root_in(original, scene, layer):
    """The root of what this view layer makes of `original`, one for all who ask."""
    return _root(id_root(original), id_root(scene), layer.name)


def _root_as_named(original):
    """As `id_root`, for one of thousands: what native code knows is asked again only where it was renamed."""
    root = _core.root_of(original)
    return root if root is not None and root.is_named(original) else id_root(original)


def _root(*key):
    root = _known.get(key)
    if root is None:
        root = _known[key] = (EvaluatedListsRoot if key[0].type.__name__ in _WITH_LISTS else EvaluatedRoot)(*key)
    root.rename()
    return root


# The evaluated ID is not asked which original it has (hazards.ORIGINAL_REMOVED). The originals of now are asked instead.


def _root_of(originals, holds):
    """The root of the first of `originals` of which a view layer makes an ID that `holds`, or None."""
    for scene, layer in _view_layers():
        graph = layer.depsgraph
        for original in originals:
            evaluated = original.evaluated_get(graph)
            if evaluated.is_evaluated and holds(evaluated):
                return _root_in(original, scene, layer)
    return None


def _of_original(id_):
    """By the ID of its name in bpy.data: objects, materials, scenes, actions, ..."""
    memo = looked_up()
    if memo is not None:
        found = _index(memo, type(id_)).get(id_.as_pointer())
        return found and Path(_root(_root_as_named(found[0]), *found[1:]))
    every = list_of(type(id_))
    named = every and every.get(id_.name)
    root = named and _root_of([named], lambda evaluated: same(evaluated, id_))
    return root and Path(root)


def _index(memo, kind):
    """While many are captured: address of an evaluated ID -> (its original, the scene's root, the view layer's name), of
    all of a type."""
    key = "evaluated", id_type(kind)
    if key not in memo:
        memo[key] = index = {}
        for scene, layer in reversed(_view_layers()):
            graph, root, name = layer.depsgraph, id_root(scene), layer.name
            for original in list_of(kind) or ():
                evaluated = original.evaluated_get(graph)
                if evaluated.is_evaluated:
                    index[evaluated.as_pointer()] = original, root, name
    return memo[key]


def _of_any(id_):
    """By any ID of its type: some are linked and share a name, others have been renamed since."""
    if not id_.is_evaluated or id_.is_embedded_data or looked_up() is not None:
        return None
    root = _root_of(list_of(type(id_)) or (), lambda evaluated: same(evaluated, id_))
    return root and Path(root)


def _of_owner(id_):
    """By the evaluated ID that it lives in: node trees of materials."""
    for name, owners in embedding():
        def holds(evaluated, name=name):
            found = getattr(evaluated, name, None)
            return found is not None and same(found, id_)

        root = _root_of(owners, holds)
        if root is not None:
            return Path(root).attr(name)
    return None


def _shown_by_objects(id_):
    """By the objects whose evaluated data it is."""
    address, kind, memo = id_.as_pointer(), type(id_), looked_up()
    for scene, name, showing in _showing_now() if memo is None else _showing_once(memo):
        roots = [_root(_root_as_named(ob), scene, name) for ob in showing.get((kind, address), ())]
        if len(roots) == 1:
            return Path(roots[0]).attr("data")
        if roots:
            return Path(SharedDataRoot(roots, kind)) if len(roots) <= _MOST_OBJECTS else None
    return None


def _showing_now():
    """(its scene's root, its name, (type, address) of evaluated data -> the objects that show it) of each view layer."""
    for scene, layer in _view_layers():
        graph, showing = layer.depsgraph, {}
        for ob in filter(None, layer.objects):  # of removed ones nothing is left until the layer is synchronised
            evaluated = ob.evaluated_get(graph)
            data = evaluated.data if evaluated.is_evaluated else None
            if data is not None:
                showing.setdefault((type(data), data.as_pointer()), []).append(ob)
        yield id_root(scene), layer.name, showing


def _showing_once(memo):
    """The same while many are captured."""
    if "showing" not in memo:
        memo["showing"] = list(_showing_now())
    return memo["showing"]
