# tests/blender/model/model_making.py: the model campaign's wrappers: of which layers, by which expressions
import random

import bpy

import model_data as data
from model_state import Held

MOST_HELD = 8
PAIRS = {("object", "location"): "scale", ("bones", "scale"): "location", ("spline", "radius"): "tilt"}


class Making:
    """Part of the campaign (model_steps.py)."""

    def do_make(self, a, b, c):
        """A wrapper of a layer, of the file's objects or of a list of some; it is entered at once three times of four."""
        from rnaslicer import Slicer
        rng = random.Random(a)
        target = self.some_target(rng)
        if target is None or self.is_off:
            return None
        layers = [layer for layer, _ in Held(None, target, None, None, "").reach(self.state)]
        if not layers:
            return None
        whole = target[0] == "data" or target[-1][0] in ("groups", "light")
        rows = slice(None) if whole else rng.choice((slice(None), slice(None), slice(None), slice(1, None, 2),
                                                     slice(None, None, -1), slice(2, 5)))
        if rng.random() < 0.2 and not whole:
            rows = [rng.randrange(len(layers)) for _ in range(rng.randrange(1, 5))]
        component = None
        if layers[0].width > 1 and rng.random() < 0.4:
            component = rng.choice((0, 1, "yx", "x", "xyx"))
        if target[-1][0] == "fcurve" and rng.random() < 0.9:
            component = 1  # the only ones that are updated: keyframes keep their frames
        dtype = {"f": "d", "i": "q", "?": "B"}[layers[0].format] if rng.random() < 0.2 else None
        supplier = self.supplier(target)
        second = PAIRS.get((target[-1][0], target[-1][2])) if target[0] != "data" and rng.random() < 0.3 else None
        items = (rows, (target[-1][2], second) if second else target[-1][2]) if target[-1][0] != "pixels" else (rows,)
        if target[0] == "data":
            items = rows, "data", target[-1][0], slice(None), target[-1][2]
        if target[-1][0] == "groups":
            items = rows, "groups", slice(None), "weight"
        items += () if component is None else (component,)
        options = {"ragged": "flat"} if target[-1][0] == "groups" else {}
        text = f"Slicer({self.text_of(target)}, dtype={dtype!r})[{', '.join(map(text_of_item, items))}]"
        held = Held(Slicer(supplier, dtype=dtype, **options)[items], target, rows, component, text)
        held.more = (second,) if second else ()
        held.width, held.dtype, held.example, held.kind = layers[0].width, dtype, layers[0], layers[0].kind
        held.vw.on_lost.append(lambda *_: setattr(held, "fired", held.fired + 1))
        if len(self.held) >= MOST_HELD:
            self.do_drop(b, 0, 0)
        self.held.append(held)
        if b % 4:
            self.enter(held)
        return f"{text}{' entered' if b % 4 else ''}"

    def some_target(self, rng):
        chance = rng.random()
        if chance < 0.12:
            return "list", ("object", None, rng.choice(("location", "scale", "pass_index", "hide_render")))
        if chance < 0.28:
            numbers = [number for number, id_ in self.state.of("objects")
                       if id_.data is not None and self.state.ids[id_.data].home == "meshes"]
            if not numbers:
                return None
            return "data", [rng.choice(numbers) for _ in range(1 + rng.randrange(3))], rng.choice(
                (("vertices", None, "co"), ("polygons", None, "material_index")))
        if chance < 0.34:
            numbers = [number for number, _ in self.state.of("objects")]
            if not numbers:
                return None
            return "these", [rng.choice(numbers) for _ in range(3)], ("object", None, rng.choice(("location", "pass_index")))
        found = [(number, path) for number, id_ in self.state.ids.items() for path in id_.layers
                 if number != self.editing and path[0] != "object" and (id_.layers[path].values or path[0] != "modifiers")]
        return ("layer", *rng.choice(found)) if found else None

    def supplier(self, target):
        if target[0] == "list":
            return bpy.data.objects
        if target[0] != "layer":
            return [self.id(number) for number in target[1]]
        if target[-1][0] == "groups":
            return self.id(target[1]).vertices
        return data.elements(self.id(target[1]), target[2])

    def text_of(self, target):
        if target[0] == "list":
            return "bpy.data.objects"
        if target[0] != "layer":
            return "[" + ", ".join(self.state.ids[number].name for number in target[1]) + "]"
        return f"{self.state.ids[target[1]].name}: {target[2][:2]}"


def text_of_item(item):
    if isinstance(item, slice):
        return ":".join("" if part is None else str(part) for part in (item.start, item.stop, item.step))
    return repr(item)
