# tests/blender/model/model_suppliers.py: the model campaign's steps with drawings, nodes and a depsgraph's instances
"""Drawings and nodes are part of the model, as meshes are. A depsgraph's instances are evaluated state, which no model
knows: a wrapper on them is held from step to step, over whatever happens, and compared with what bpy iterates over."""
import random

import bpy

import model_data as data
from support import same

NODES = "ShaderNodeRGB", "ShaderNodeValue", "ShaderNodeMath", "ShaderNodeMapping", "NodeReroute"
CHAINS = ("matrix_world",), ("is_instance",), ("object", "location"), ("object", "pass_index")
PENCILS = data.pencil_home()


def numbers(value):
    """As a MemCache lists them."""
    return list(map(numbers, value)) if hasattr(value, "__len__") else value


class Suppliers:
    """Part of the campaign (model_steps.py)."""

    instances = None  # (wrapper, its expression, how many there were)

    # ---- drawings

    def do_new_pencil(self, a, b, c):
        if PENCILS is None or not self.room(PENCILS):
            return None
        made = data.new_pencil(self.name("G"), a)
        self.add(made)
        return made[0].name

    def do_drawing(self, a, b, c):
        """Layers and frames come and go, and drawings grow."""
        number = PENCILS and self.pick(a, PENCILS)
        if number is None or self.editing is not None:
            return None
        known, pencil, rng = self.state.ids[number], self.id(number), random.Random(c)
        what = ("new layer", "new frame", "remove layer", "remove frame", "grow", "move frame")[b % 6]
        layer = pencil.layers[rng.randrange(len(pencil.layers))] if len(pencil.layers) else None
        frame = layer.frames[rng.randrange(len(layer.frames))] if layer is not None and len(layer.frames) else None
        if what == "new layer" and len(pencil.layers) < 4:
            pencil.layers.new(self.name("Y")).frames.new(1).drawing.add_strokes([1 + c % 3])
        elif what == "new frame" and layer is not None and len(layer.frames) < 4:
            free = next(n for n in range(1 + c % 3, 99) if all(one.frame_number != n for one in layer.frames))
            layer.frames.new(free).drawing.add_strokes([1 + c % 4, 2])
        elif what == "remove layer" and layer is not None:
            pencil.layers.remove(layer)
        elif what == "remove frame" and frame is not None:
            layer.frames.remove(frame.frame_number)
        elif what == "grow" and frame is not None:
            frame.drawing.add_strokes([1 + c % 5])
        elif what == "move frame" and frame is not None and all(one.frame_number != 77 for one in layer.frames):
            layer.frames.move(frame.frame_number, 77)
        else:
            return None
        self.renew(number, data.pencil_layers(pencil))
        return f"{what} of {known.name}"

    # ---- nodes

    def do_new_material(self, a, b, c):
        if self.room("materials"):
            made = data.new_material(self.name("R"), [NODES[(a + i * b) % len(NODES)] for i in range(3)])
            self.add(made)
            return made[0].name

    def do_node(self, a, b, c):
        """Adds a node, or removes one."""
        number = self.pick(a, "materials")
        if number is None or self.editing is not None:
            return None
        known, tree = self.state.ids[number], self.id(number).node_tree
        if b % 2 and len(tree.nodes) > 1:
            tree.nodes.remove(tree.nodes[c % len(tree.nodes)])
        elif len(tree.nodes) < 8:
            tree.nodes.new(NODES[c % len(NODES)])
        else:
            return None
        self.renew(number, data.node_layers(self.id(number)))
        return known.name

    def renew(self, number, layers):
        """The layers of now; what was there and still is keeps the model's values."""
        known = self.state.ids[number]
        for path, layer in layers.items():
            before = known.layers.get(path)
            if before is not None and path[0] == "drawing":
                kept = min(len(before.values), len(layer.values))
                same(layer.values[:kept], before.values[:kept], f"{known.name} {path} after a change beside it")
        known.layers = layers
        self.dirty = True

    # ---- instances

    def do_instances(self, a, b, c):
        """A wrapper that outlives everything: right, or refused by name where bpy has others."""
        from rnaslicer import Slicer, SlicerError
        if self.is_off:
            return None
        layer = bpy.context.view_layer
        if layer.depsgraph is None:
            layer.update()
        if self.instances is None or b % 5 == 0:
            self.leave_instances()
            chain = CHAINS[c % len(CHAINS)]
            if not len(bpy.context.evaluated_depsgraph_get().object_instances):
                return None
            vw = (Slicer(layer)[("depsgraph", "object_instances", slice(None), *chain)] if a % 2 else
                  Slicer(layer.depsgraph.object_instances)[(slice(None), *chain)])
            vw.__enter__()  # where an object was removed Blender may evaluate meanwhile
            self.instances = vw, chain, vw.shape[0]
        vw, chain, count = self.instances
        try:
            vw.refresh()
            found = "ok"
        except SlicerError as error:
            found = type(error).__name__
        self.tally[f"instances: {found}"] += 1
        # Only after that: where an object was removed bpy's own iteration reads what was freed, until Blender evaluates.
        bpy.context.evaluated_depsgraph_get()
        self.evaluated = {}  # that may have evaluated what was written since
        wanted = []
        for one in layer.depsgraph.object_instances:
            for name in chain:
                one = getattr(one, name)
            wanted.append(numbers(one))
        if found == "ok":
            assert len(wanted) == count, f"{vw}: {len(wanted)} instances now, {count} when it was entered"
            same(vw.memcache.tolist(), wanted, f"{vw}, as bpy iterates")
            return f"{count} of {chain}"
        assert found in ("ShapeChangedError", "SupplierLostError"), found
        assert found == "SupplierLostError" or len(wanted) != count, f"{vw}: {count} instances, as there were"
        self.leave_instances()
        return found

    def leave_instances(self):
        if self.instances is not None:
            self.instances[0].__exit__(None, None, None)
        self.instances = None
