# tests/blender/model/model_steps.py: the steps of the model campaign: each in Blender and in the model, then compared
"""`Campaign.step([name, a, b, c])` does one step. Steps that would make Blender itself crash, or whose outcome is
Blender's choice, are left out by construction:
- no undo or redo beyond a file load, a link or a reload, and only after an undo_push, as an operator would do it:
  undo keeps a datablock that is the same in both steps, with whatever was assigned to it since;
- in edit mode only wrappers, evaluations and other data;
- no new vertices below shape keys; keyframes keep their order;
- images are taken as Blender gives them after undo, redo and load: pixels are in no undo step, nor in a file."""
import collections
import random

import bpy

import model_data as data
from model_changes import Changes
from model_evaluation import Evaluation
from model_files import Files, make_library
from model_state import Id, State
from model_suppliers import PENCILS, Suppliers
from model_wrappers import Wrappers, value
from support import same

MOST_IDS = 7
MORE = (*filter(None, [PENCILS]), "materials")  # homes of what is written and removed as meshes are
# steps after which evaluated data is what the last evaluation made of it; not push: operators evaluate first
QUIET = {"make", "enter", "leave", "drop", "poke", "refresh", "update", "look", "write", "evaluate", "verify", "instances"}


class Campaign(Wrappers, Files, Evaluation, Changes, Suppliers):
    """A file, its model, and the wrappers that are entered in it."""

    def __init__(self, folder, say=lambda text: None):
        self.folder, self.say = folder, say
        self.state, self.held, self.counter = State(), [], 0
        self.evaluated = {}  # (number of an object, path): values of its mesh at the last evaluation
        self.tally = collections.Counter()  # what did something, and what uses of wrappers ended in
        self.library = make_library(folder)
        self.start()

    def step(self, step):
        name, *numbers = step
        if name not in QUIET:
            self.evaluated = {}
        done = getattr(self, "do_" + name)(*numbers)
        if done is not None:
            self.say(f"{name}: {done}")
            self.tally[name] += 1
        for held in self.held:
            if held.cache is not None:
                held.was_lost |= held.status(self.state) == "lost"

    def finish(self):
        self.do_switch_on(0, 0, 0)
        if self.editing is not None:
            self.do_leave_edit(0, 0, 0)
        self.do_verify(0, 0, 0)
        self.leave_instances()
        for held in self.held:
            if held.cache is not None:
                held.vw.__exit__(None, None, None)

    # ---- the file

    def start(self):
        """An empty file with one of everything."""
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        self.forget_files()
        self.state = State()
        scene = bpy.context.scene
        scene.render.resolution_x = scene.render.resolution_y = 4
        scene.render.resolution_percentage = 100
        for name in ("new_mesh", "new_mesh", "new_keyed", "new_curve", "new_action", "new_image", "new_rig", "new_light",
                     "new_pencil", "new_material"):
            getattr(self, "do_" + name)(5, 0, 0)

    def forget_files(self):
        """Another file is there now."""
        self.pushed, self.at, self.dirty, self.editing = [], -1, True, None
        for held in self.held:
            held.was_loaded = True

    editing = None
    is_off = False

    def fresh(self):
        self.counter += 1
        return self.counter

    def add(self, made):
        """A new datablock (bpy's, Id) under the next number."""
        id_, known = made
        id_.use_fake_user = True
        number = self.fresh()
        self.state.ids[number] = known
        self.dirty = True
        return number

    def name(self, letter):
        return f"{letter}{self.counter + 1:06d}"

    def id(self, number):
        known = self.state.ids[number]
        for id_ in getattr(bpy.data, known.home):
            if id_.name == known.name and bool(id_.library) == known.linked:
                return id_
        raise AssertionError(f"the model believes in {known.home} {known.name}, Blender has none")

    def pick(self, choice, *homes, where=lambda id_: not id_.linked):
        """A number of such a datablock, or None."""
        numbers = [number for number, id_ in self.state.ids.items() if id_.home in homes and where(id_)]
        return numbers[choice % len(numbers)] if numbers else None

    def room(self, home):
        return len(self.state.of(home)) < MOST_IDS and self.editing is None

    # ---- datablocks

    def do_new_mesh(self, a, b, c):
        if self.room("meshes") and self.room("objects"):
            mesh = data.new_mesh(self.name("M"), a)
            number = self.add(mesh)
            made = [data.add_uv(mesh[0], "UV")]
            made += [data.add_attribute(mesh[0], f"L{i}", list(data.ATTRIBUTES)[(a + b + i) % len(data.ATTRIBUTES)]) for i in range(2)]
            self.state.ids[number].layers |= dict(made)
            self.new_object(mesh[0], number)
            return mesh[0].name

    def new_object(self, shown, number):
        made = data.new_object(self.name("ABO"[self.counter % 3]), shown, number)
        self.add(made)
        return made[0]

    def do_new_keyed(self, a, b, c):
        if self.room("meshes") and self.room("objects"):
            mesh, known = data.new_mesh(self.name("K"), 0)
            known.keyed = True
            number = self.add((mesh, known))
            ob = self.new_object(mesh, number)
            for name in ("Basis", "Key"):
                path, layer = data.add_key(ob, name)
                known.layers[path] = layer
            return mesh.name

    def do_new_curve(self, a, b, c):
        if self.room("curves") and self.room("objects"):
            made = data.new_curve(self.name("C"), a)
            self.new_object(made[0], self.add(made))
            return made[0].name

    def do_new_action(self, a, b, c):
        if self.room("actions"):
            action = bpy.data.actions.new(self.name("T"))
            known = Id("actions", action.name, {})
            for axis in range(2):
                path, layer = data.add_fcurve(action, ("location", axis), 3 + a % 4)
                known.layers[path] = layer
            self.add((action, known))
            return action.name

    def do_new_rig(self, a, b, c):
        if self.room("objects"):
            made = data.new_rig(self.name("P"))
            self.add(made)
            return made[0].name

    def do_assign_weight(self, a, b, c):
        """A vertex gets a weight in one of two groups; or loses it."""
        number = self.pick(a, "objects", where=lambda id_: id_.data is not None and self.state.ids[id_.data].home == "meshes"
                           and not self.state.ids[id_.data].linked)
        if number is None or self.editing is not None:
            return None
        ob, known = self.id(number), self.state.ids[self.state.ids[number].data]
        while len(ob.vertex_groups) < 2:
            ob.vertex_groups.new(name=f"Group{len(ob.vertex_groups)}")
        vertices = list(range(len(ob.data.vertices)))[b % 4:6:1 + b % 3]
        if c % 5:
            ob.vertex_groups[c % 2].add(vertices, (c % 16) / 16, "REPLACE")
        else:
            ob.vertex_groups[c % 2].remove(vertices)
        path = ("groups", None, "weight")
        known.layers[path] = data.layer(self.id(self.state.ids[number].data), path, "f", 1)
        self.dirty = True
        return f"{vertices} of {known.name}"

    def do_new_image(self, a, b, c):
        if self.room("images"):
            made = data.new_image(self.name("I"), a)
            self.add(made)
            return made[0].name

    def do_new_object(self, a, b, c):
        number = self.pick(a, "meshes", "curves", where=lambda id_: True)
        if number is not None and self.room("objects"):
            return f"{self.new_object(self.id(number), number).name} of {self.state.ids[number].name}"

    def do_remove(self, a, b, c):
        number = self.pick(a, "meshes", "curves", "actions", *MORE, "images", "objects", where=lambda id_: True)
        if number is None or self.editing is not None:
            return None
        bpy_id, known = self.id(number), self.state.ids.pop(number)
        getattr(bpy.data, known.home).remove(bpy_id)
        for other, id_ in list(self.state.ids.items()):  # Blender takes its objects along
            if id_.data == number:
                del self.state.ids[other]
        self.dirty = True
        return known.name

    def do_copy(self, a, b, c):
        number = self.pick(a, "meshes", "curves", "actions", *MORE, "images", "objects", where=lambda id_: True)
        if number is None or not self.room(self.state.ids[number].home):
            return None
        known, source = self.state.ids[number], self.id(number)
        made = source.copy()
        made.name = self.name(known.name[0])
        copied = known.copy(name=made.name, linked=False)
        if known.home == "images":
            copied.layers = {path: data.layer(made, path, "f", 1) for path in known.layers}
        if known.home == "objects":
            bpy.context.scene.collection.objects.link(made)
        self.add((made, copied))
        return f"{made.name} of {known.name}"

    def do_rename(self, a, b, c):
        number = self.pick(a, "meshes", "curves", "actions", *MORE, "images", "objects")
        if number is None or self.editing is not None:
            return None
        known, id_ = self.state.ids[number], self.id(number)
        old = known.name
        id_.name = known.name = self.name("ABMOZ"[b % 5])
        self.fresh()
        self.dirty = True
        return f"{old} to {known.name}"

    def do_single_user(self, a, b, c):
        number = self.pick(a, "objects", where=lambda id_: id_.data is not None)
        if number is None or not self.room("meshes") or not self.room("curves"):
            return None
        shown = self.state.ids[number].data
        source = self.id(shown)
        made = source.copy()
        made.name = self.name(self.state.ids[shown].name[0])
        copied = self.state.ids[shown].copy(name=made.name, linked=False)
        self.id(number).data = made
        self.state.ids[number].data = self.add((made, copied))
        return f"{self.state.ids[number].name} of {source.name}"

    # ---- layers and lengths

    def do_clear_geometry(self, a, b, c):
        number = self.pick(a, "meshes", where=lambda id_: not id_.linked and not id_.keyed)
        if number is None or self.editing is not None:
            return None
        mesh, known = self.id(number), self.state.ids[number]
        mesh.clear_geometry()
        known.layers = data.mesh_layers(mesh)
        assert not any(layer.values for layer in known.layers.values())
        self.dirty = True
        return known.name

    def do_add_elements(self, a, b, c):
        number = self.pick(a, "meshes", "curves", "actions", where=lambda id_: not id_.linked and not id_.keyed)
        if number is None or self.editing is not None:
            return None
        known, id_, more = self.state.ids[number], self.id(number), 1 + b % 3
        paths = [path for path in known.layers if path[0] in ("vertices", "attribute", "spline", "fcurve")]
        if not paths:
            return None
        path = paths[c % len(paths)]
        found = data.elements(id_, path)
        if path[0] == "fcurve":
            last = found[len(found) - 1].co.x if len(found) else 0
            for i in range(more):
                found.insert(last + 4 * (i + 1), 0.25 * i)
        elif path[0] == "spline":
            found.add(more)
        else:
            id_.vertices.add(more)
        grown = [p for p in known.layers if p[:2] == path[:2]] if path[0] in ("spline", "fcurve") else [
            p for p in known.layers if p[0] in ("vertices", "attribute", "groups")]
        for p in grown:  # what is new is Blender's choice, what was there stays
            layer = known.layers[p]
            now = data.read(id_, p)
            same(now[:len(layer.values)], layer.values, f"{known.name} {p} after growing")
            layer.values, layer.lengths = now, data.lengths(id_, p)
        self.dirty = True
        return f"{more} to {known.name} {path}"

    def do_new_layer(self, a, b, c):
        number = self.pick(a, "meshes", "curves", "actions")
        if number is None or self.editing is not None or len(self.state.ids[number].layers) > 14:
            return None
        known, id_ = self.state.ids[number], self.id(number)
        self.dirty = True
        name = f"L{b % 4}"  # the same name may come again, with another type
        if known.home == "curves":
            index = len(id_.splines)
            id_.splines.new("BEZIER").bezier_points.add(1 + b % 5)
            known.layers |= data.spline_layers(id_, index)
            return f"spline {index} of {known.name}"
        if known.home == "actions":
            path = ("fcurve", ("scale", b % 3), "co")
            if path in known.layers:
                return None
            known.layers[path] = data.add_fcurve(id_, path[1], 1 + c % 4)[1]
        elif known.keyed:
            user = self.pick(b, "objects", where=lambda ob: ob.data == number)
            if user is None or ("key", name, "co") in known.layers:
                return None
            path, known.layers[("key", name, "co")] = data.add_key(self.id(user), name)
        else:
            if any(path[1] == name for path in known.layers):
                return None
            path, layer = data.add_attribute(id_, name, list(data.ATTRIBUTES)[c % len(data.ATTRIBUTES)])
            known.layers[path] = layer
        return f"{path} of {known.name}"

    def removable(self, a, b):
        number = self.pick(a, "meshes", "actions", "curves")
        if number is None or self.editing is not None:
            return None
        paths = [path for path in self.state.ids[number].layers
                 if path[0] in ("attribute", "uv", "fcurve", "spline") or path[0] == "key" and path[1] != "Basis"]
        return (number, paths[b % len(paths)]) if paths else None

    def do_remove_layer(self, a, b, c):
        found = self.removable(a, b)
        if found is None:
            return None
        number, path = found
        known, id_ = self.state.ids[number], self.id(number)
        kind, name, _ = path
        if kind == "attribute":
            id_.attributes.remove(id_.attributes[name])
        elif kind == "uv":
            id_.uv_layers.remove(id_.uv_layers[name])
        elif kind == "fcurve":
            curves = data.curves_of(id_)
            curves.remove(next(c for c in curves if (c.data_path, c.array_index) == name))
        elif kind == "key":
            user = self.pick(b, "objects", where=lambda ob: ob.data == number)
            if user is None:
                return None
            self.id(user).shape_key_remove(id_.shape_keys.key_blocks[name])
        else:  # those behind take the places before them
            id_.splines.remove(id_.splines[name])
            later = {p: layer for p, layer in known.layers.items() if p[1] > name}
            known.layers = {p: layer for p, layer in known.layers.items() if p[1] < name}
            known.layers |= {(kind, p[1] - 1, p[2]): layer for p, layer in later.items()}
            path = None
        known.layers.pop(path, None)
        self.dirty = True
        return f"{found[1]} of {known.name}"

    def do_rename_layer(self, a, b, c):
        found = self.removable(a, b)
        if found is None or found[1][0] not in ("attribute", "key"):
            return None
        number, (kind, name, prop) = found
        known, id_ = self.state.ids[number], self.id(number)
        new = f"L{c % 4}"
        if any(path[1] == new for path in known.layers):
            return None
        owner = id_.attributes if kind == "attribute" else id_.shape_keys.key_blocks
        owner[name].name = new
        known.layers[kind, new, prop] = known.layers.pop((kind, name, prop))
        self.dirty = True
        return f"{found[1]} of {known.name} to {new}"

    def do_scale_image(self, a, b, c):
        number = self.pick(a, "images")
        if number is not None and self.editing is None:
            self.id(number).scale(1 + b % 5, 1 + c % 4)
            self.take_images()
            self.dirty = True
            return self.state.ids[number].name

    # ---- modes and evaluation

    def do_edit(self, a, b, c):
        number = self.pick(a, "objects", where=lambda id_: id_.data is not None and not self.state.ids[id_.data].linked
                           and not self.state.ids[id_.data].keyed)
        if number is None or self.editing is not None:
            return None
        bpy.context.view_layer.objects.active = self.id(number)
        bpy.ops.object.mode_set(mode="EDIT")
        self.editing = self.state.ids[number].data
        return self.state.ids[self.editing].name

    def do_leave_edit(self, a, b, c):
        if self.editing is None:
            return None
        bpy.ops.object.mode_set(mode="OBJECT")
        known, id_ = self.state.ids[self.editing], self.id(self.editing)
        for path, layer in known.layers.items():
            if path[2] == "select":  # edit mode carries selection from one kind of element to another
                layer.values = data.read(id_, path)
        self.editing, self.dirty = None, True
        return known.name

    def do_switch_off(self, a, b, c):
        """As the add-on does it."""
        from rnaslicer.supplier import events
        if self.is_off:
            return None
        events.unsubscribe()
        self.is_off = True
        for held in self.held:
            held.was_lost = True  # as far as it can tell
        return ""

    def do_switch_on(self, a, b, c):
        from rnaslicer.supplier import events
        if not self.is_off:
            return None
        events.resume()
        self.is_off = False
        return ""

    def after_event(self):
        """Handlers have run: those whose datablock is gone must have been told."""
        for held in self.held:
            numbers = held.target[1] if held.target[0] in ("these", "data") else held.ids(self.state)
            if held.cache is not None and not self.is_off and any(n not in self.state.ids for n in numbers):
                assert held.fired, f"{held.text}: lost, and on_lost was not called"

    # ---- bpy beside the wrappers

    def do_write(self, a, b, c):
        number = self.pick(a, "meshes", "curves", "actions", *MORE, "images", "objects")
        if number is None or number == self.editing:
            return None
        known, rng = self.state.ids[number], random.Random(c)
        paths = [path for path, layer in known.layers.items() if layer.values]
        if not paths:
            return None
        path = paths[b % len(paths)]
        layer = known.layers[path]
        rows = sorted({rng.randrange(len(layer)) for _ in range(3)})
        for row in rows:
            for component in range(path[0] == "fcurve", layer.width):  # keyframes keep their frames
                layer.values[row * layer.width + component] = value(rng, layer, path)
        data.write(self.id(number), path, layer, rows)
        self.dirty = True
        return f"{known.name} {path} {rows}"

    def do_verify(self, a, b, c):
        for number, known in self.state.ids.items():
            id_ = self.id(number)
            for path, layer in known.layers.items():
                if number != self.editing or path[0] not in ("attribute", "uv"):
                    same(data.read(id_, path), layer.values, f"{known.home} {known.name} {path} as bpy gives it")
        for held in self.held:
            self.check_cache(held)
        for (number, path), values in self.evaluated.items():
            shown = self.id(number).evaluated_get(bpy.context.view_layer.depsgraph).data
            same(data.read(shown, path), values, f"{self.state.ids[number].name} {path}, evaluated before it was written")
        self.evaluated = {}  # reading has given it arrays of its own
        return ""
