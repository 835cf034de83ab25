# runtime/rnaslicer/supplier/depsgraph.py: the evaluation of a view layer, known by that layer.
"""bpy makes a depsgraph when it wants and frees it with its view layer; no reference of it is kept."""

import functools
import weakref

from .. import _core
from ..errors import ContextError, ExpressionError, SupplierLostError
from . import events
from .contexts import check_context
from .events import clock
from .identity import Path, id_root

_known = weakref.WeakValueDictionary()  # (scene's root, layer's name) -> DepsgraphRoot
_evaluating = []  # (name of a depsgraph that Blender evaluates for us now, the last evaluation before)


class DepsgraphRoot(events.Watched):
    """What evaluates a view layer. What waits for evaluation is evaluated before anything is read, as by
    evaluated_depsgraph_get(): until then the depsgraph points at objects that were removed, and freed."""

    evaluates = has_trails = True

    def __init__(self, scene, layer):
        super().__init__()
        self.type = DepsgraphRoot  # unlike that of bpy.data, which has lists of the same names
        self._scene, self._layer = scene, layer
        self._counted = None  # number of the last event when instances were last read, and how many there were
        self.name = f"{scene.name}.view_layers[{layer!r}].depsgraph"

    def count(self, instances):
        """So many instances were just read; None: not as many as counted() said."""
        self._counted = instances and (events.now()[0], instances)

    def counted(self):
        """How many instances there were when all were last read, if no event came since; else None. Whoever relies on
        it reads them and compares."""
        return self._counted[1] if self._counted and self._counted[0] == events.now()[0] else None

    def _layer_of_now(self):
        """(scene, view layer, depsgraph) of now, None for what is not there."""
        scene = self._scene.find()
        layer = scene.view_layers.get(self._layer)
        return scene, layer, layer and layer.depsgraph

    def find(self):
        """The depsgraph of now, evaluated. Raises ContextError in a handler that runs before such an evaluation."""
        scene, layer, graph = self._layer_of_now()
        if graph is not None:
            evaluate(scene, layer, self.name)
            layer, graph = self._layer_of_now()[1:]  # handlers may have removed it
        if graph is None:
            raise SupplierLostError(f"{self.name} is gone: the view layer "
                                    f"{'was removed or renamed' if layer is None else 'is not evaluated'}, noticed at "
                                    f"{clock(events.now()[1])}")
        return graph

    def is_there(self):
        """Whether it can be found; events ask this, so that nothing is evaluated."""
        try:
            return self._layer_of_now()[2] is not None
        except SupplierLostError:
            return False


def evaluate(scene, layer, name):
    """Has Blender evaluate what waits for it in the view layer; nothing waits: nothing happens (and no handler runs)."""
    import bpy

    check_context(f"reading {name}")
    last = events.last("evaluation")
    before = [event for known, event in _evaluating if known == name]
    if before and last is before[-1]:
        raise ContextError(f"{name} is about to be evaluated and leads to objects that may be gone; read it in a "
                           "depsgraph_update_post handler, not in a depsgraph_update_pre handler")
    if len(before) > 1:
        raise ContextError(f"{name} is evaluated again and again: a depsgraph_update_post handler changes data at each "
                           "evaluation, and reads the depsgraph after that; let it read first, or change nothing then")
    context = bpy.context
    _evaluating.append((name, last))
    try:
        if context.view_layer == layer and context.scene == scene:
            context.evaluated_depsgraph_get()
        else:
            with context.temp_override(scene=scene, view_layer=layer):
                context.evaluated_depsgraph_get()
    finally:
        _evaluating.pop()


def graph_path(graph):
    """The Path of a depsgraph, evaluated. Raises ExpressionError for one that is no view layer's (a render's)."""
    scene, layer = graph.scene, graph.view_layer
    root = None if scene is None or layer is None else id_root(scene)
    now = None if root is None else scene.view_layers.get(layer.name)
    if now is None or now.depsgraph is None or now.depsgraph.as_pointer() != graph.as_pointer():
        raise ExpressionError("this depsgraph is none that a view layer keeps (a render's own?), so it could not be "
                              "found again; use view_layer.depsgraph or context.evaluated_depsgraph_get()")
    key = root, now.name
    found = _known.get(key)
    if found is None:
        _let_native_code_find()
        found = _known[key] = DepsgraphRoot(*key)
        _core.note_depsgraph(found, type(graph), _steps())
    found.find()
    return Path(found)


@functools.cache
def _steps():
    """The steps to each of its collections."""
    import bpy

    properties = bpy.types.Depsgraph.bl_rna.properties
    return {one.identifier: (("attr", one.identifier),) for one in properties if one.type == "COLLECTION"}


@functools.cache
def _let_native_code_find():
    import bpy

    _core.set_depsgraph(DepsgraphRoot, bpy, _evaluating, events.lasts())
