# tests/blender/faults/faults_elements.py: what may happen to elements and layers beside an open context
import bpy

from faults_due import GONE, RESIZED, RIGHT, Event, same_for_all
from faults_scene import curves_of, editing, new_curve, snapshot


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
