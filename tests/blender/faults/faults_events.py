# tests/blender/faults/faults_events.py: what may happen to datablocks, files and modes beside an open context; all events
import os
import tempfile

import bpy

from faults_due import CHANGED, CONTEXT, GONE, LOCKED, READ, READING, REORDERED, RESIZED, SHAPE, Event, same_for_all
from faults_elements import (clear_geometry, layer_add, layer_beside_removed, layer_remove, layer_renamed,
                             remove, removed_then_undone, vertices_add)
from faults_scene import editing, snapshot


class rename(Event):
    due_of = {"object list": REORDERED}  # sorted by name

    def happen(self, kind):
        expected, old = snapshot(), kind.name
        kind.id().name = kind.name = "Zz"
        return {(home, "Zz" if (home, name) == (kind.home, old) else name, library, what): values
                for (home, name, library, what), values in expected.items() if what != "data"}


def with_copies(expected, copies):
    """A snapshot in which `copies` {(list, new name): old name} hold what the originals held."""
    return expected | {(home, new, False, what): values for (home, new), old in copies.items()
                       for (there, name, _, what), values in expected.items() if (there, name) == (home, old)}


class copy(Event):
    due_of = {"object list": RESIZED}

    def happen(self, kind):
        expected = snapshot()
        made = with_copies(expected, {(kind.home, kind.id().copy().name): kind.name})
        made.pop(("images", "Pic.001", False, "pixels"), None)  # Blender draws the copy anew
        return made


class make_single_user(Event):
    def happen(self, kind):
        expected = snapshot()
        bpy.ops.object.make_single_user(type="ALL", object=False, obdata=True, animation=True)
        made = {}
        for home in ("meshes", "curves", "armatures", "actions"):
            for id_ in getattr(bpy.data, home):
                if (home, id_.name, False, "layers") not in expected and "." in id_.name:
                    made[home, id_.name] = id_.name.split(".")[0]
        assert len(made) >= 3, made
        # Which of the objects keeps the original is Blender's choice.
        return {key: values for key, values in with_copies(expected, made).items() if key[3] != "data"}


class undo(Event):
    def prepare(self, kind):
        kind.id()
        bpy.ops.ed.undo_push(message="before")
        self.earlier = snapshot()
        kind.change()
        bpy.ops.ed.undo_push(message="changed")

    def happen(self, kind):
        bpy.ops.ed.undo()
        return self.earlier if str(kind) != "image" else None  # pixels are in no undo step


class redo(undo):
    def prepare(self, kind):
        super().prepare(kind)
        self.later = snapshot()
        bpy.ops.ed.undo()

    def happen(self, kind):
        bpy.ops.ed.redo()
        return self.later if str(kind) != "image" else None


class file_load(Event):
    """Loads a file with the same data in it."""
    due_of = {**same_for_all(GONE), "object list": REORDERED}

    def prepare(self, kind):
        self.folder = tempfile.TemporaryDirectory(prefix="rnaslicer-faults-")
        self.file = os.path.join(self.folder.name, "same.blend")
        bpy.ops.wm.save_as_mainfile(filepath=self.file, copy=True)

    def happen(self, kind):
        bpy.ops.wm.open_mainfile(filepath=self.file)


class factory_reset(Event):
    due_of = {**same_for_all(GONE), "object list": RESIZED}

    def happen(self, kind):
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)


def library(folder):
    """A file that holds all of the scene."""
    path = os.path.join(folder, "library.blend")
    bpy.data.libraries.write(path, {*bpy.data.objects, *bpy.data.actions, *bpy.data.images, *bpy.data.meshes}, fake_user=True)
    return path


def link(path, names=("meshes", "curves", "actions", "images")):
    with bpy.data.libraries.load(path, link=True) as (there, here):
        for name in names:
            setattr(here, name, list(getattr(there, name)))


class library_link(Event):
    """Data of the same names arrives from a library."""
    due_of = {"object list": (READING, SHAPE, SHAPE, READING)}

    def prepare(self, kind):
        self.folder = tempfile.TemporaryDirectory(prefix="rnaslicer-faults-")
        self.path = library(self.folder.name)

    def happen(self, kind):
        expected = snapshot()
        link(self.path, ("meshes", "curves", "actions", "images", "objects", "armatures"))
        return expected


class library_reload(Event):
    """The data is a library's, and the library is read again."""
    due_of = {**same_for_all(GONE), "object list": (READING, CHANGED, SHAPE, READING)}

    def prepare(self, kind):
        library_link.prepare(self, kind)
        library_link.happen(self, kind)
        kind.linked = True

    def happen(self, kind):
        bpy.data.libraries[0].reload()


class edit_mode_in(Event):
    due_of = {"mesh layer": (READING, SHAPE, READ, READING), "shape key": LOCKED, "curve points": LOCKED}

    def user(self, kind):
        return bpy.data.objects[getattr(kind, "user", "LayeredA")]

    def happen(self, kind):
        expected = snapshot()
        editing(self.user(kind)).__enter__()
        return {key: values for key, values in expected.items() if key[0] != "meshes"}


class edit_mode_out(edit_mode_in):
    due_of = {"mesh layer": RESIZED}

    def prepare(self, kind):
        editing(self.user(kind)).__enter__()

    def happen(self, kind):
        bpy.ops.object.mode_set(mode="OBJECT")


def moved(expected):
    """The same snapshot, but that animation has moved objects."""
    return {key: values for key, values in expected.items() if key[0] != "objects" or key[3] != "location"}


class evaluation(Event):
    def happen(self, kind):
        expected = snapshot()
        for home in ("meshes", "curves", "objects", "actions", "images"):
            for id_ in getattr(bpy.data, home):
                id_.update_tag()
        bpy.context.view_layer.update()
        return moved(expected)


class frame_change(Event):
    def happen(self, kind):
        expected = snapshot()
        bpy.context.scene.frame_set(7)
        return moved(expected)


class render(Event):
    """Cycles, 4 x 4 pixels, one sample: it needs no GPU."""

    def prepare(self, kind):
        import addon_utils
        addon_utils.enable("cycles")
        scene = bpy.context.scene
        scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
        scene.collection.objects.link(scene.camera)
        scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False
        scene.render.resolution_x = scene.render.resolution_y = 4
        scene.render.resolution_percentage = 100

    def happen(self, kind):
        expected = snapshot()
        assert bpy.ops.render.render() == {"FINISHED"}
        return moved(expected)


class add_on_off(Event):
    """What the add-on does with the package when it is switched off."""
    due_of = same_for_all((CONTEXT,) * 4)

    def happen(self, kind):
        from rnaslicer.supplier import events
        expected = snapshot()
        events.unsubscribe()
        return expected

    def clean_up(self):
        from rnaslicer.supplier import events
        events.resume()


class add_on_off_and_on(add_on_off):
    due_of = {}

    def happen(self, kind):
        expected = super().happen(kind)
        self.clean_up()
        return expected


EVENTS = (remove, removed_then_undone, clear_geometry, vertices_add, layer_add, layer_remove, layer_beside_removed,
          layer_renamed, rename, copy, make_single_user, undo, redo, file_load, factory_reset, library_link,
          library_reload, edit_mode_in, edit_mode_out, evaluation, frame_change, render, add_on_off,
          add_on_off_and_on)
