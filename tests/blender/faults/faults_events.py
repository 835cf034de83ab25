# tests/blender/faults/faults_events.py: what may happen to data beside an open context, and what a wrapper owes its user then
"""Each event is a class with the name of a row of the fault table: `prepare(kind)` runs before the wrapper is made,
`happen(kind)` is the event, `due(kind)` what the four phases must end in. An event that a kind of data cannot have
itself (an image has no edit mode) happens to the mesh beside it: then everything must be as if nothing had happened.

`happen` returns the snapshot that is right afterwards, where that can be told without touching Blender's arrays
(touching un-shares copies, and would hide a write that goes astray); else None."""
import os
import tempfile

import bpy

import faults_scene
from faults_scene import curves_of, editing, new_curve, snapshot

# What the four phases end in: before enter, between enter and refresh, between refresh and update, after exit.
# "right": all values are as bpy gives them, a following update stores exactly them and nothing else. "right, then X":
# reading is right and the update raises X. An error's name: the step after the event raises it, all data intact.
LOST, SHAPE, READ, CONTEXT = "SupplierLostError", "ShapeChangedError", "ReadOnlyError", "ContextError"
READING = f"right, then {READ}"
RIGHT = ("right",) * 4
GONE = (LOST,) * 4
RESIZED = ("right", SHAPE, SHAPE, "right")
CHANGED = f"right, then {SHAPE}"
REORDERED = ("right", CHANGED, SHAPE, "right")  # an update would reach others than the ones that were read
LOCKED = (READING, READING, READ, READING)


class Event:
    """`own`: kind of data to (what the event is for it, what is due), given as the method's name."""

    due_of = {}

    def prepare(self, kind):
        pass

    def happen(self, kind):
        return getattr(self, str(kind).replace(" ", "_"), self.beside)(kind)

    def clean_up(self):
        pass

    def due(self, kind):
        return self.due_of.get(str(kind), RIGHT)

    def beside(self, kind):
        return self.mesh_layer(faults_scene.mesh_layer())

    def __str__(self):
        return type(self).__name__.replace("_", " ")


def same_for_all(due):
    return {str(kind()): due for kind in faults_scene.KINDS}


class remove(Event):
    due_of = {**same_for_all(GONE), "object list": RESIZED}

    def happen(self, kind):
        getattr(bpy.data, kind.home).remove(kind.id())


class removed_then_undone(Event):
    def prepare(self, kind):
        bpy.ops.ed.undo_push(message="here")

    def happen(self, kind):
        before = snapshot()
        remove.happen(self, kind)
        bpy.ops.ed.undo_push(message="gone")
        bpy.ops.ed.undo()
        return before


class clear_geometry(Event):
    """Removes all elements."""
    due_of = {**same_for_all(RESIZED), "mesh layer": GONE, "curve points": GONE, "shape key": RIGHT, "image": RIGHT}

    def mesh_layer(self, kind):
        kind.id().clear_geometry()

    shape_key = mesh_layer  # keeps shape keys (bpy's documentation)

    def keyframes(self, kind):
        points = kind.supplier()
        while len(points):
            points.remove(points[0])

    def curve_points(self, kind):
        kind.id().splines.clear()

    def object_list(self, kind):
        bpy.data.batch_remove(list(bpy.data.objects))

    def pose(self, kind):
        with editing(kind.id()):
            bones = kind.id().data.edit_bones
            for bone in list(bones):
                bones.remove(bone)

    def image(self, kind):
        kind.id().buffers_free()  # drawn anew


class vertices_add(Event):
    """Adds elements."""
    due_of = {**same_for_all(RESIZED), "shape key": RIGHT}

    def mesh_layer(self, kind):
        kind.id().vertices.add(2)

    shape_key = mesh_layer  # its points follow only in edit mode

    def keyframes(self, kind):
        kind.supplier().insert(30, 4.5)

    def curve_points(self, kind):
        kind.supplier().add(2)

    def object_list(self, kind):
        bpy.data.objects.new("Newcomer", None)

    def pose(self, kind):
        with editing(kind.id()):
            bone = kind.id().data.edit_bones.new("Fourth")
            bone.head, bone.tail = (4, 0, 0), (4, 0, 1)

    def image(self, kind):
        kind.id().scale(5, 4)


class layer_add(Event):
    """Adds layers, or what lies beside the data in the same owner."""

    def mesh_layer(self, kind):
        for i in range(5):  # moves the layers about
            kind.id().attributes.new(f"new{i}", "FLOAT_VECTOR", "POINT")

    def shape_key(self, kind):
        bpy.data.objects[kind.user].shape_key_add(name="Another", from_mix=False)

    def keyframes(self, kind):
        new_curve(kind.id(), "scale", 1)

    def curve_points(self, kind):
        kind.id().splines.new("BEZIER").bezier_points.add(3)

    def object_list(self, kind):
        collection = bpy.data.collections.new("More")
        bpy.context.scene.collection.children.link(collection)
        collection.objects.link(kind.id())

    def pose(self, kind):
        kind.id().pose.bones[1].constraints.new("COPY_LOCATION")

    def image(self, kind):
        bpy.data.images.new("Another", 4, 3, float_buffer=True)


class layer_beside_removed(Event):
    """Removes what lies before the data in the same owner."""

    def mesh_layer(self, kind):
        kind.id().attributes.remove(kind.id().attributes["before"])

    def shape_key(self, kind):
        ob = bpy.data.objects[kind.user]
        ob.shape_key_remove(ob.data.shape_keys.key_blocks["Last"])

    def keyframes(self, kind):
        curves_of(kind.id()).remove(curves_of(kind.id())[1])

    def curve_points(self, kind):
        kind.id().splines.remove(kind.id().splines[1])

    def object_list(self, kind):
        bpy.context.scene.collection.objects.unlink(kind.id())

    def pose(self, kind):
        kind.id().constraints.clear()

    def image(self, kind):
        bpy.data.images.remove(bpy.data.images["Other"])


class layer_remove(Event):
    """Removes the layer, key, F-curve or spline itself."""
    due_of = {"mesh layer": GONE, "shape key": GONE, "keyframes": GONE, "curve points": RESIZED}

    def mesh_layer(self, kind):
        kind.id().attributes.remove(kind.id().attributes["vec"])

    def shape_key(self, kind):
        ob = bpy.data.objects[kind.user]
        ob.shape_key_remove(ob.data.shape_keys.key_blocks["Key"])

    def keyframes(self, kind):
        curves_of(kind.id()).remove(curves_of(kind.id())[0])

    def curve_points(self, kind):  # another spline, of other length, has its place then
        kind.id().splines.remove(kind.id().splines[0])

    object_list, pose, image = (vars(layer_beside_removed)[name] for name in ("object_list", "pose", "image"))


class layer_renamed(Event):
    """Renames the layer, key or F-curve itself."""
    due_of = {"mesh layer": GONE, "shape key": GONE, "keyframes": GONE}

    def mesh_layer(self, kind):
        kind.id().attributes["vec"].name = "other"

    def shape_key(self, kind):
        kind.id().shape_keys.key_blocks["Key"].name = "other"

    def keyframes(self, kind):
        curves_of(kind.id())[0].data_path = "delta_location"

    def pose(self, kind):
        kind.id().pose.bones[0].name = "other"


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
