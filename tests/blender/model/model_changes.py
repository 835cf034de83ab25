# tests/blender/model/model_changes.py: the model campaign's steps in which elements become others: types, names, domains, classes
"""Elements of other types in a list, a datablock of another type, layers that take each other's name or come anew in
another domain: part of the model. What scripts register, and meshes that are built step by step, come and go within
one step, which compares with bpy itself."""
import random

import bpy

import model_data as data
from support import same, snapshot

MODIFIERS = ("CAST", "SMOOTH", "SIMPLE_DEFORM", "CORRECTIVE_SMOOTH") 
LIGHTS = ("POINT", "SUN", "SPOT", "AREA")
KEPT = []  # classes that were registered: what an add-on registers stays, too


class Changes:
    """Part of the campaign (model_steps.py)."""

    # ---- of another type

    def do_modifier(self, a, b, c):
        """Adds a modifier, removes one, or puts one of another type where one was."""
        number = self.pick(a, "objects", where=lambda id_: id_.data is not None and self.state.ids[id_.data].home == "meshes")
        if number is None or self.editing is not None:
            return None
        known, ob = self.state.ids[number], self.id(number)
        kind, count, at = MODIFIERS[b % len(MODIFIERS)], len(ob.modifiers), None
        if count and (c % 3 or count > 4):
            at = c // 3 % count if hasattr(ob.modifiers, "move") else count - 1
            ob.modifiers.remove(ob.modifiers[at])
        if at is None or c % 3 != 2:
            made = ob.modifiers.new(kind, kind)
            made.show_viewport = made.show_render = False  # what is evaluated stays what the model knows
            if at is not None and at < len(ob.modifiers) - 1:
                ob.modifiers.move(len(ob.modifiers) - 1, at)
        path, layer = data.modifiers_layer(ob)
        known.layers[path] = layer
        self.dirty = True
        return f"{layer.kind} on {known.name}"

    def do_new_light(self, a, b, c):
        if not self.room("lights"):
            return None
        made = data.new_light(self.name("N"), LIGHTS[a % len(LIGHTS)])
        self.add(made)
        return made[0].name

    def do_light_type(self, a, b, c):
        number = self.pick(a, "lights")
        met = self.held_layers("light")
        if met and c % 3:
            number = met[a % len(met)][0]
        if number is None or self.editing is not None:
            return None
        known, light = self.state.ids[number], self.id(number)
        light.type = LIGHTS[b % len(LIGHTS)]
        path = ("light", None, "energy")
        known.layers[path] = data.layer(self.id(number), path, "f", 1, light.type)
        self.dirty = True
        return f"{known.name} is a {light.type}"

    # ---- of another name or domain

    def named_layers(self, a):
        """(number, paths of the attributes that steps made) of a mesh."""
        number = self.pick(a, "meshes", where=lambda id_: not id_.linked and not id_.keyed)
        if number is None or self.editing is not None:
            return None, ()
        return number, [path for path in self.state.ids[number].layers if path[0] == "attribute"]

    def do_swap_layers(self, a, b, c):
        """Two attributes take each other's name."""
        number, paths = self.named_layers(a)
        if len(paths) < 2:
            return None
        known, attributes = self.state.ids[number], self.id(number).attributes
        one, other = random.Random(b).sample(paths, 2)
        for old, new in ((one[1], "between"), (other[1], one[1]), ("between", other[1])):
            attributes[old].name = new
        layers = known.layers.pop(one), known.layers.pop(other)
        known.layers["attribute", other[1], one[2]], known.layers["attribute", one[1], other[2]] = layers
        self.dirty = True
        return f"{one} and {other} of {known.name}"

    def held_layers(self, kind):
        """(number, path) of layers of that kind on which wrappers are entered."""
        return [(held.target[1], held.target[2]) for held in self.held if held.cache is not None and held.target[0] == "layer"
                and held.target[2][0] == kind and held.target[2] in self.layers_of(held.target[1])]

    def layers_of(self, number):
        known = self.state.ids.get(number)
        return () if known is None or known.linked or known.keyed else known.layers

    def do_other_domain(self, a, b, c):
        """An attribute is made anew, in another domain and perhaps of another type; by preference one that a wrapper has,
        with as many elements."""
        number, paths = self.named_layers(a)
        met = self.held_layers("attribute") if self.editing is None else ()
        if met and b % 3:
            number, path = met[a % len(met)]
            paths = [path]
        if not paths:
            return None
        known, mesh = self.state.ids[number], self.id(number)
        path = paths[b % len(paths)]
        sizes = {"POINT": len(mesh.vertices), "EDGE": len(mesh.edges), "FACE": len(mesh.polygons), "CORNER": len(mesh.loops)}
        alike = [domain for domain, size in sizes.items() if size == len(known.layers[path])]
        mesh.attributes.remove(mesh.attributes[path[1]])
        del known.layers[path]
        kind = known_type = random.Random(c).choice([t for t, how in data.ATTRIBUTES.items() if how[0] == path[2]])
        domain = random.Random(c + 1).choice(alike if alike and c % 2 else list(sizes))
        made, layer = data.add_attribute(mesh, path[1], known_type, domain)
        known.layers[made] = layer
        self.dirty = True
        return f"{path[1]} of {known.name}: {kind} in {domain}"

    # ---- what scripts register

    def do_script(self, a, b, c):
        """Writes a collection whose update callback changes it, or whose class goes away meanwhile."""
        number = self.pick(a, "objects")
        if number is None or self.editing is not None or self.is_off:
            return None
        known, rng = self.state.ids[number], random.Random(c)
        scripted = Scripted(self.id(number), rng)
        try:
            found = scripted.unregistered() if b % 3 == 0 else scripted.changed()
        finally:
            scripted.end()
        self.dirty = True
        self.tally[f"script, {'class unregistered' if b % 3 == 0 else found}"] += 1
        return f"{found} on {known.name}"

    # ---- meshes built step by step

    def do_build(self, a, b, c):
        """As importers do, in any order, by wrappers; the same as by foreach_set."""
        if self.is_off or self.editing is not None:
            return None
        rng = random.Random(c)
        built, twin = (bpy.data.meshes.new(name) for name in ("Built", "Twin"))
        try:
            writes = steps_of_building(rng)
            for mesh, by_wrapper in ((built, True), (twin, False)):
                mesh.vertices.add(6)
                mesh.loops.add(8)
                mesh.polygons.add(2)
                for name, prop, values in writes:
                    build(mesh, name, prop, values, by_wrapper)
                mesh.update(calc_edges=True)
            assert not built.validate(), "a mesh built by wrappers is not valid"
            one, other = snapshot(built), snapshot(twin)
            # foreach_set makes layers of nothing but defaults, too.
            differ = {key: (one.get(key), other.get(key)) for key in {*one, *other}
                      if one.get(key) != other.get(key) and any([*one.get(key, ()), *other.get(key, ())])}
            assert not differ, f"built by wrappers, not by foreach_set: {differ} after {[w[1] for w in writes]}"
        finally:
            for mesh in (built, twin):
                bpy.data.meshes.remove(mesh)
        self.dirty = True
        return ", ".join(f"{name}.{prop}" for name, prop, _ in writes)


def steps_of_building(rng):
    """(collection, property, flat values) in random order; corners' borders among them."""
    corners = [i for face in data.FACES for i in face]
    writes = [("vertices", "co", [rng.randrange(-8, 8) / 4 for _ in range(18)]), ("loops", "vertex_index", corners),
              ("polygons", "loop_start", [0, 4]), ("polygons", "use_smooth", [rng.random() < 0.5 for _ in range(2)]),
              ("polygons", "material_index", [rng.randrange(4) for _ in range(2)]),
              ("vertices", "select", [rng.random() < 0.5 for _ in range(6)]),
              ("polygons", "hide", [rng.random() < 0.5 for _ in range(2)])]
    rng.shuffle(writes)
    if bpy.app.version < (4, 1):
        at = next(i for i, write in enumerate(writes) if write[1] == "loop_start")
        writes.insert(at + 1, ("polygons", "loop_total", [4, 4]))
    return writes


def build(mesh, name, prop, values, by_wrapper):
    from rnaslicer import Slicer
    found = getattr(mesh, name)
    if not by_wrapper or prop in ("loop_start", "loop_total"):  # which wrappers leave to bpy (docs/contexts.md)
        found.foreach_set(prop, values)
        return
    with Slicer(found)[:, prop] as vw:
        flat = vw.memcache.cast("B").cast(vw.format)
        for i, value in enumerate(values):
            flat[i] = value
        vw.update()


class Scripted:
    """A collection of groups on an object, of a class that a script registers; their update callback runs a hook."""

    def __init__(self, ob, rng):
        from rnaslicer import Slicer
        self.ob, self.rng, self.hook = ob, rng, None
        self.register()
        ob.model_script.clear()
        for i in range(rng.choice((1, 3, 9, 40))):
            ob.model_script.add()["number"] = i
        self.count, self.slicer = len(ob.model_script), Slicer(ob.model_script)

    def register(self):
        def changed(_group, _context):
            if self.hook is not None:
                self.hook()

        extra = {f"more{i}": bpy.props.FloatVectorProperty(size=16) for i in range(self.rng.choice((0, 3)))}
        self.made = type("ModelScript", (bpy.types.PropertyGroup,), {"__annotations__": extra | {
            "number": bpy.props.IntProperty(update=changed)}})
        KEPT.append(self.made)
        bpy.utils.register_class(self.made)
        bpy.types.Object.model_script = bpy.props.CollectionProperty(type=self.made)

    def unregister(self):
        if self.made is not None:
            if self.rng.random() < 0.5:
                del bpy.types.Object.model_script
                bpy.utils.unregister_class(self.made)
            else:  # as add-ons do it that forget the property
                bpy.utils.unregister_class(self.made)
            self.made = None

    def end(self):
        self.hook = None
        if self.made is not None:
            self.ob.model_script.clear()
        self.unregister()
        if hasattr(bpy.types.Object, "model_script"):
            del bpy.types.Object.model_script

    def values(self):
        return [group.number for group in self.ob.model_script]

    def changed(self):
        """An update, at one of whose assignments the callback does something to the collection."""
        from rnaslicer import ShapeChangedError, SupplierLostError
        what, at = self.rng.choice(("nothing", "add", "clear", "remove", "move", "add and remove")), [self.rng.randrange(self.count)]
        old, new = self.values(), [1000 + i for i in range(self.count)]

        def hook():
            at[0] -= 1
            if at[0] == -1:
                self.change(what)

        with self.slicer[:, "number"] as vw:
            for i, value in enumerate(new):
                vw.memcache[i] = value
            self.hook, outcome = hook, "ok"
            try:
                vw.update()
            except (ShapeChangedError, SupplierLostError) as error:
                outcome = type(error).__name__
            self.hook = None
        now = self.values()
        if what in ("nothing", "add", "add and remove") and outcome == "ok":
            same(now[:self.count], new, f"{what} in a callback: all of an update arrives")
        assert outcome == "ok" or what != "nothing", outcome
        assert set(now) <= {0, *old, *new}, f"{what} in a callback: {now}"
        if outcome != "ok" and what.startswith("add"):
            written = next((i for i, value in enumerate(now[:self.count]) if value != new[i]), self.count)
            same(now[written:self.count], old[written:], f"{what} in a callback: stopped, with what was written")
        return f"{what}: {outcome}"

    def change(self, what):
        groups, self.hook = self.ob.model_script, None  # an assignment here would call it again
        if what in ("add", "add and remove"):
            for _ in range(40):
                groups.add()
        if what == "add and remove":
            for _ in range(40):
                groups.remove(len(groups) - 1)
        if what == "clear":
            groups.clear()
        if what == "remove":
            groups.remove(self.rng.randrange(len(groups)))
        if what == "move" and len(groups) > 1:
            groups.move(0, len(groups) - 1)

    def unregistered(self):
        """The class goes away under an entered wrapper, and perhaps comes back."""
        from rnaslicer import SlicerError
        outcomes = []
        with self.slicer[:, "number"] as vw:
            self.unregister()
            for use in (vw.refresh, vw.update):
                try:
                    use()
                    outcomes.append("ok")
                except SlicerError as error:
                    outcomes.append(type(error).__name__)
        assert set(outcomes) <= {"SupplierLostError", "ShapeChangedError"}, f"a class unregistered while entered: {outcomes}"
        if hasattr(bpy.types.Object, "model_script"):
            del bpy.types.Object.model_script
        self.register()
        same(self.values(), list(range(self.count)), "after the class came back, as bpy gives it")
        with self.slicer[:, "number"] as vw:
            same(vw.memcache.tolist(), list(range(self.count)), "after the class came back")
        return " ".join(outcomes)
