# tests/blender/lifetime/test_lifetime.py: suppliers that vanish, move, grow or come back by undo while a wrapper knows them
import random

import bpy

from support import fill_memcache, random_image, random_mesh, random_objects, refused, same


def mesh(name="Random"):
    return random_mesh(random.Random(1), 6, 5, name=name, layers=False)


def test_removed_mesh():
    from rnaslicer import Slicer
    m = mesh()
    vw = Slicer(m.vertices)[:, "co"]
    with vw:
        held = vw.memcache.tolist()
        assert vw.alive
        bpy.data.meshes.remove(m)
        assert not vw.alive
        for use in (vw.refresh, vw.update, lambda: vw.supplier):
            with refused("SupplierLostError", "Random"):
                use()
        same(vw.memcache.tolist(), held, "the cache still holds what it held")
    with refused("SupplierLostError"):
        with vw:
            pass


def test_removed_before_enter():
    from rnaslicer import Slicer
    m = mesh()
    vw = Slicer(m.vertices)[:, "co"]
    bpy.data.meshes.remove(m)
    with refused("SupplierLostError"):
        with vw:
            pass


def test_a_new_mesh_of_the_same_name_is_another():
    from rnaslicer import Slicer
    m = mesh("Name")
    with Slicer(m.vertices)[:, "co"] as vw:
        bpy.data.meshes.remove(m)
        other = mesh("Name")
        assert other.name == "Name"
        before = [list(v.co) for v in other.vertices]
        fill_memcache(vw.memcache, [9.0] * (3 * len(other.vertices)))
        with refused("SupplierLostError"):
            vw.update()
        same([list(v.co) for v in other.vertices], before)


def test_renamed_mesh_is_the_same():
    from rnaslicer import Slicer
    m = mesh()
    with Slicer(m.vertices)[:, "co"] as vw:
        m.name = "Renamed"
        m.vertices[3].co.x = 5.0
        vw.refresh()
        same(vw.memcache[3, 0], 5.0)


def test_vertices_added():
    from rnaslicer import Slicer
    m = mesh()
    vw = Slicer(m.vertices)[:, "co"]
    with vw:
        m.vertices.add(7)
        for use in (vw.refresh, vw.update, lambda: vw.refresh(vw.memcache[0:1])):
            with refused("ShapeChangedError", "42", "49"):
                use()
    with vw:
        assert vw.shape == (49, 3)
        same(vw.memcache.tolist(), [list(v.co) for v in m.vertices])


def test_geometry_cleared():
    from rnaslicer import Slicer
    m = mesh()
    with Slicer(m.vertices)[:, "co"] as vw:
        m.clear_geometry()
        with refused("ShapeChangedError"):
            vw.refresh()


def test_attribute_removed_and_layers_added():
    from rnaslicer import Slicer, SlicerError
    m = mesh()
    layer = m.attributes.new("x", "FLOAT", "POINT")
    with Slicer(layer.data)[:, "value"] as vw:
        for i in range(5):  # moves the layers about
            m.attributes.new(f"other{i}", "FLOAT", "POINT")
        fill_memcache(vw.memcache, [float(i) for i in range(42)])
        vw.update()
        same([e.value for e in m.attributes["x"].data], [float(i) for i in range(42)])
        same([e.value for e in m.attributes["other2"].data], [0.0] * 42)
        m.attributes.remove(m.attributes["x"])
        for use in (vw.refresh, vw.update):
            try:
                use()
            except SlicerError as e:
                assert type(e).__name__ in ("SupplierLostError", "ShapeChangedError"), type(e)
            else:
                raise AssertionError("the layer is gone")
        same([e.value for e in m.attributes["other2"].data], [0.0] * 42)


def test_image_resized():
    from rnaslicer import Slicer
    image = random_image(random.Random(2))
    with Slicer(image)["pixels", :, :, :] as vw, Slicer(image.pixels)[:] as flat:
        image.scale(9, 4)
        for use in (vw.refresh, vw.update, flat.refresh, flat.update):
            with refused("ShapeChangedError"):
                use()


def test_object_added_and_removed():
    from rnaslicer import Slicer
    objects = random_objects(random.Random(3), mesh(), 5)
    with Slicer(bpy.data.objects)[:, "location"] as vw:
        held = vw.memcache.tolist()
        another = bpy.data.objects.new("Another", None)
        another.location.x = 7.0
        with refused("ShapeChangedError"):
            vw.refresh()
        same(vw.memcache.tolist(), held, "a refusal changes nothing")
        bpy.data.objects.remove(another)
        bpy.data.objects.remove(objects[4])  # foreach_get alone would leave the last row as it was
        with refused("ShapeChangedError"):
            vw.refresh()
    sequence = Slicer([objects[0], objects[1]])
    with sequence[:, "location"] as vw, sequence[[0], "location"] as part, sequence[0, "location"] as one:
        bpy.data.objects.remove(objects[1])
        for use in (vw.refresh, part.refresh, part.update, one.refresh, one.update):
            with refused("SupplierLostError"):  # one lost is lost, also one that the expression leaves out
                use()


def test_file_load():
    from rnaslicer import Slicer
    m = mesh()
    with Slicer(m.vertices)[:, "co"] as vw:
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        mesh()  # the same name again
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError"):
                use()


def test_undo_of_a_value():
    from rnaslicer import Slicer
    m = mesh()
    m.use_fake_user = True
    bpy.ops.ed.undo_push(message="made")
    with Slicer(m.vertices)[:, "co"] as vw:
        before = vw.memcache.tolist()
        fill_memcache(vw.memcache, [float(i) for i in range(126)])
        vw.update()
        bpy.ops.ed.undo_push(message="moved")
        bpy.ops.ed.undo()
        vw.refresh()
        same(vw.memcache.tolist(), before, "undone")
        same(vw.memcache.tolist(), [list(v.co) for v in bpy.data.meshes["Random"].vertices])
        bpy.ops.ed.redo()
        vw.refresh()
        same(vw.memcache.tolist()[0], [0.0, 1.0, 2.0], "redone")


def test_undo_of_a_removal():
    from rnaslicer import Slicer
    m = mesh()
    m.use_fake_user = True
    bpy.ops.ed.undo_push(message="made")
    with Slicer(m.vertices)[:, "co"] as vw:
        before = vw.memcache.tolist()
        bpy.data.meshes.remove(m)
        bpy.ops.ed.undo_push(message="removed")
        with refused("SupplierLostError"):
            vw.refresh()
        bpy.ops.ed.undo()
        fill_memcache(vw.memcache, [0.0] * 126)
        vw.refresh()
        same(vw.memcache.tolist(), before, "the mesh is back")


def test_update_does_not_rewrite_history():
    from rnaslicer import Slicer
    m = mesh()
    m.use_fake_user = True
    before = [list(v.co) for v in m.vertices]
    bpy.ops.ed.undo_push(message="made")
    with Slicer(m.vertices)[:, "co"] as vw:
        for step in range(3):
            fill_memcache(vw.memcache, [step + 0.5] * 126)
            vw.update()
            bpy.ops.ed.undo_push(message=f"step {step}")
    for step in (1, 0):
        bpy.ops.ed.undo()
        same(list(bpy.data.meshes["Random"].vertices[7].co), [step + 0.5] * 3, f"step {step}")
    bpy.ops.ed.undo()
    same([list(v.co) for v in bpy.data.meshes["Random"].vertices], before)


def test_evaluated_meshes_are_read_only():
    from rnaslicer import Slicer
    m = mesh()
    ob = random_objects(random.Random(4), m, 1)[0]
    modifier = ob.modifiers.new("Smooth", "SMOOTH")
    modifier.factor = 0.7
    graph = bpy.context.evaluated_depsgraph_get()
    evaluated = ob.evaluated_get(graph).data
    with Slicer(evaluated.vertices)[:, "co"] as vw:
        same(vw.memcache.tolist(), [list(v.co) for v in evaluated.vertices])
        assert vw.readonly
        with refused("ReadOnlyError"):
            vw.update()


def test_refresh_after_evaluation():
    """Evaluation shares the arrays with a copy; what follows must still reach the original."""
    from rnaslicer import Slicer
    m = mesh()
    ob = random_objects(random.Random(5), m, 1)[0]
    with Slicer(m.vertices)[:, "co", 2] as vw:
        for step in range(4):
            fill_memcache(vw.memcache, [float(step)] * 42)
            vw.update()
            bpy.context.view_layer.update()
            graph = bpy.context.evaluated_depsgraph_get()
            same([v.co.z for v in ob.evaluated_get(graph).data.vertices], [float(step)] * 42)
            m.vertices[step].co.z = 77.0
            vw.refresh()
            same(vw.memcache[step], 77.0)


def test_lost_wrappers_tell():
    from rnaslicer import Slicer
    m = mesh()
    told = []
    vw = Slicer(m.vertices)[:, "co"]
    vw.on_lost.append(lambda *_: told.append(True))
    with vw:
        bpy.data.meshes.remove(m)
        with refused("SupplierLostError"):
            vw.refresh()
        bpy.context.scene.update_tag()
        bpy.context.view_layer.update()
    assert told == [True], told


def test_no_references_are_kept():
    """A wrapper that is gone holds nothing back: its storage returns."""
    import gc
    import rnaslicer._core as core
    from rnaslicer import Slicer
    m = mesh()
    gc.collect()
    before = core.live()["objects"]
    for _ in range(20):
        with Slicer(m.vertices)[:, "co"] as vw:
            part = vw.memcache[2:4]
            vw.refresh(part)
        del vw, part
    gc.collect()
    assert core.live()["objects"] <= before, (before, core.live())


def test_flags_in_edit_mode():
    """Edit mode keeps flags in other layers, while bpy's elements are those of before: what bpy gives counts."""
    from rnaslicer import Slicer
    m = mesh()
    ob = random_objects(random.Random(6), m, 1)[0]
    bpy.context.view_layer.objects.active = ob
    for elements, name in ((m.vertices, "select"), (m.edges, "use_seam"), (m.polygons, "material_index"),
                           (m.polygons, "use_smooth")):
        first = Slicer(elements)[:, name]
        with first as held:
            bpy.ops.object.mode_set(mode="EDIT")
            try:
                wanted = [getattr(e, name) for e in getattr(m, held.supplier.path_from_id())]
                held.refresh()
                same(held.memcache.tolist(), wanted, f"{name}, entered before")
                with Slicer(held.supplier)[:, name] as fresh:
                    same(fresh.memcache.tolist(), wanted, f"{name}, entered in edit mode")
            finally:
                bpy.ops.object.mode_set(mode="OBJECT")
            held.refresh()
            same(held.memcache.tolist(), [getattr(e, name) for e in held.supplier], f"{name}, after it")
