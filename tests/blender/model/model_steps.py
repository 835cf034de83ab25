# tests/blender/model/model_steps.py: the steps of the model campaign: each in Blender and in the model, then compared
"""`Campaign.step([name, a, b, c])` does one step. Steps that would make Blender itself crash, or whose outcome is
Blender's choice, are left out by construction:
- no undo or redo beyond a file load, a link or a reload, and only after an undo_push, as an operator would do it:
  undo keeps a datablock that is the same in both steps, with whatever was assigned to it since;
- in edit mode only wrappers, evaluations and other data;
- no new vertices below shape keys; keyframes keep their order;
- images are taken as Blender gives them after undo, redo and load: pixels are in no undo step, nor in a file."""
import collections
import contextlib
import random

import bpy

import model_data as data
from fresh import undiscovered
from model_changes import Changes
from model_datablocks import MORE, Datablocks
from model_evaluation import Evaluation
from model_files import Files, make_library
from model_layers import Layers
from model_once import AtOnce
from model_state import State
from model_suppliers import Suppliers
from model_wrappers import Wrappers, value
from support import same

MOST_IDS = 7
# steps after which evaluated data is what the last evaluation made of it; not push: operators evaluate first
QUIET = {"make", "enter", "leave", "drop", "poke", "refresh", "update", "look", "write", "evaluate", "verify", "instances",
         "read_once", "write_once", "edit_once"}


class Campaign(Wrappers, AtOnce, Datablocks, Layers, Files, Evaluation, Changes, Suppliers):
    """A file, its model, and the wrappers that are entered in it."""

    def __init__(self, folder, say=lambda text: None):
        self.folder, self.say = folder, say
        self.state, self.held, self.counter = State(), [], 0
        self.mode = contextlib.ExitStack()
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

    def do_undiscovered(self, a, b, c):
        """From here on nobody has found out where values lie."""
        if any(held.cache is not None for held in self.held) or self.instances is not None:
            return None
        self.mode.enter_context(undiscovered())
        return ""

    def close(self):
        self.mode.close()

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
