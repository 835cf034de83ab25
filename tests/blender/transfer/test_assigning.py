# tests/blender/transfer/test_assigning.py: lists, which bpy itself writes: the same values as a loop, refusals before the first
import gc
import random

import bpy
import numpy as np
from mathutils import Matrix

import census_scene
from census_walk import NUMERIC, Walk
from census_write import elements_of
from support import EVERY, plain, refused


def objects(count, name="Each"):
    return [bpy.data.objects.new(f"{name}{i:03d}", None) for i in range(count)]



def test_matrices_as_they_are():
    """bpy takes nested lists by columns, and turns infinities in them into the largest floats."""
    from rnaslicer import Slicer
    made = objects(40)
    rng = random.Random(1)
    values = [[rng.choice((rng.uniform(-5, 5), float("inf"), -0.0, 3e38)) for _ in range(16)] for _ in made]
    with Slicer(bpy.data.objects)[:, "matrix_parent_inverse"] as vw:
        np.asarray(vw.memcache)[...] = np.array(values, np.float32).reshape(-1, 4, 4)
        vw.update()
        for ob, value in zip(bpy.data.objects, values):
            wanted = Matrix([value[i : i + 4] for i in range(0, 16, 4)])
            assert plain(ob.matrix_parent_inverse) == plain(wanted), ob
    with Slicer(bpy.data.objects)[:, "matrix_parent_inverse", ::-1, 1:3] as vw:  # a part: the rest stays
        before = [ob.matrix_parent_inverse.copy() for ob in bpy.data.objects]
        part = np.asarray(vw.memcache)
        part[...] = np.arange(part.size, dtype=np.float32).reshape(part.shape)
        vw.update()
        for ob, was, rows in zip(bpy.data.objects, before, part.tolist()):
            for row, numbers in zip(reversed(was), rows):
                row[1:3] = numbers
            assert plain(ob.matrix_parent_inverse) == plain(was), ob


def test_components_in_any_order():
    from rnaslicer import Slicer
    objects(35)
    for subscript, places in (("zyx", (2, 1, 0)), ("y", (1,)), ("xz", (0, 2)), (("xy", "yx"), (0, 1, 1, 0))):
        for ob in bpy.data.objects:
            ob.location = (0.5, 1.5, 2.5)
        with Slicer(bpy.data.objects)[:, "location", subscript] as vw:
            values = np.asarray(vw.memcache)
            values[...] = np.arange(values.size, dtype=np.float32).reshape(values.shape)
            vw.update()
            for ob, row in zip(bpy.data.objects, values.reshape(len(values), -1).tolist()):
                wanted = [0.5, 1.5, 2.5]
                for place, value in zip(places, row):
                    wanted[place] = value
                assert list(ob.location) == wanted, (subscript, ob)


def test_enums_of_many():
    from rnaslicer import Slicer
    made, rng = objects(50), random.Random(2)
    items = {item.identifier: item.value for item in bpy.types.Object.bl_rna.properties["rotation_mode"].enum_items}
    names = [rng.choice(list(items)) for _ in made]
    with Slicer(bpy.data.objects)[:, "rotation_mode"] as vw:
        for i, name in enumerate(names):
            vw.memcache[i] = items[name]
        vw.update()
    assert [ob.rotation_mode for ob in bpy.data.objects] == names


def test_one_in_the_middle_refuses():
    """Nothing is written, and the error names the one."""
    from rnaslicer import Slicer
    for i in range(40):
        bpy.data.objects.new(f"{i:02d}", bpy.data.cameras.new("Camera") if i == 25 else bpy.data.meshes.new("Mesh"))
    for subscript in ((EVERY,), (slice(20, 30),), (slice(None, None, -1),)):
        with Slicer(bpy.data.objects)[(*subscript, "use_mesh_mirror_y")] as vw:
            np.asarray(vw.memcache)[...] = True
            with refused("ReadOnlyError", "use_mesh_mirror_y", "'25'", "nothing was written"):
                vw.update()
    assert not any(ob.use_mesh_mirror_y for ob in bpy.data.objects)
    with Slicer(bpy.data.objects)[:25, "use_mesh_mirror_y"] as vw:
        np.asarray(vw.memcache)[...] = True
        vw.update()
    assert [ob.use_mesh_mirror_y for ob in bpy.data.objects] == [True] * 25 + [False] * 15


def test_who_asks_one_by_one():
    """In all of the census scene: what RNA has no function for is editable for all elements or for none."""
    from rnaslicer.blender.calibrate import is_guarded
    census_scene.build(random.Random(1))
    answers, guarded = {}, set()
    for site in Walk().sites([]):
        for element in filter(None, elements_of(site)[:20]):
            for prop in element.bl_rna.properties:
                if prop.type in NUMERIC and not prop.is_readonly:
                    key = prop.as_pointer()
                    answers.setdefault(key, set()).add(element.is_property_readonly(prop.identifier))
                    assert is_guarded(prop) is not None
                    if is_guarded(prop):
                        guarded.add(key)
    differ = {key for key, found in answers.items() if len(found) == 2}
    assert differ and differ <= guarded
    assert 10 <= len(guarded) <= len(answers) / 10, (len(guarded), len(answers))


def test_a_script_removes_what_comes_next():
    """A registered property's own function: the rest is named, and nothing dangles."""
    from rnaslicer import Slicer
    objects(40)

    def remove(self, context):
        if self.name == "Each005":
            for name in ("Each004", "Each006", "Each007", "Each039"):
                bpy.data.objects.remove(bpy.data.objects[name])
    bpy.types.Object.rnaslicer_test = bpy.props.IntProperty(update=remove)
    try:
        with Slicer(bpy.data.objects)[:, "rnaslicer_test"] as vw:
            np.asarray(vw.memcache)[...] = 3
            with refused("SupplierLostError", "6 of 40 elements were written before"):
                vw.update()
            assert [ob.rnaslicer_test for ob in bpy.data.objects] == [3] * 5 + [0] * 31
    finally:
        del bpy.types.Object.rnaslicer_test


def test_a_handler_removes_what_comes_next():
    from rnaslicer import Slicer
    scenes = [bpy.data.scenes.new(f"Scene{i:02d}") for i in range(40)]

    def remove(scene, *_):
        if scene.name == "Scene05":
            for name in ("Scene04", "Scene06", "Scene07"):
                bpy.data.scenes.remove(bpy.data.scenes[name])
    bpy.app.handlers.frame_change_post.append(remove)
    try:
        with Slicer(bpy.data.scenes)[:, "frame_current"] as vw:
            np.asarray(vw.memcache)[...] = 7
            try:
                vw.update()
            except Exception as error:
                assert "were written before" in str(error), error
    finally:
        bpy.app.handlers.frame_change_post.remove(remove)
    assert len(scenes) == 40


def test_others_in_the_same_places(scattered):
    """The order is looked up in memory, or told by references: another datablock at the same address has another
    uid."""
    from rnaslicer import Slicer
    made, scene = objects(40), bpy.context.scene.collection
    for ob in made:
        scene.objects.link(ob)
    with Slicer(scene.objects if scattered else bpy.data.objects)[:, "location"] as vw:
        for _ in range(3):
            vw.update()
        at = 39 if scattered else 20
        bpy.data.objects.remove(bpy.data.objects[f"Each{at:03d}"])
        other = bpy.data.objects.new(f"Each{at:03d}", None)
        scene.objects.link(other)
        other.location = (9, 9, 9)
        with refused("ShapeChangedError", "others or have changed places"):
            vw.update()
        assert list(other.location) == [9, 9, 9]
    with Slicer(bpy.data.objects)[:, "location"] as vw:
        vw.update()
        bpy.data.objects["Each003"].name = "Zero"
        with refused("ShapeChangedError", "others or have changed places"):
            vw.update()
        bpy.data.objects["Zero"].name = "Each003"
        vw.update()
        bpy.data.objects.new("Zero", None)
        with refused("ShapeChangedError"):
            vw.update()


test_others_in_the_same_places.cases = {"list": (False,), "scattered": (True,)}


def test_what_tells_them_apart():
    """Known to be a list or not: the same numbers, each datablock's own."""
    from rnaslicer import Slicer
    from rnaslicer.blender import lists
    from rnaslicer.supplier.identity import MAIN, Path
    from rnaslicer.supplier.uids import session_uid
    from rnaslicer.supplier.order import Order
    objects(40)
    path, wanted = Path(MAIN).attr("objects"), [session_uid(ob) for ob in bpy.data.objects]
    lists.forget()
    before = Order(path, bpy.data.objects)
    with Slicer(bpy.data.objects)[:, "location"] as vw:
        vw.update()
    assert lists.addresses(bpy.data.objects, "objects") is not None
    after = Order(path, bpy.data.objects)
    assert memoryview(before._uids).cast("i").tolist() == wanted == memoryview(after._uids).cast("i").tolist()
    assert before.is_kept(bpy.data.objects) and after.is_kept(bpy.data.objects)
    bpy.data.objects.remove(bpy.data.objects[-1])
    assert not before.is_kept(bpy.data.objects) and not after.is_kept(bpy.data.objects)


def test_undo_between_two_updates():
    """It ends all of bpy's references, also those that an update has kept."""
    from rnaslicer import Slicer
    objects(40)
    bpy.ops.ed.undo_push(message="made")
    with Slicer(bpy.data.objects)[:, "pass_index"] as vw:
        for value in range(1, 4):
            np.asarray(vw.memcache)[...] = value
            vw.update()
            bpy.ops.ed.undo_push(message=f"{value}")
            if value == 2:
                bpy.ops.ed.undo()
                assert {ob.pass_index for ob in bpy.data.objects} == {1}
            part = vw.memcache[10:20]
            np.asarray(part)[...] = 7
            vw.update(part)
            assert [ob.pass_index for ob in bpy.data.objects] == [1 if value == 2 else value] * 10 + [7] * 10 + (
                [1 if value == 2 else value] * 20)


def test_the_collector_is_as_it_was():
    from rnaslicer import Slicer
    objects(40)
    with Slicer(bpy.data.objects)[:, "location"] as vw:
        for wanted in (True, False):
            (gc.enable if wanted else gc.disable)()
            try:
                vw.update()
                assert gc.isenabled() == wanted
            finally:
                gc.enable()
