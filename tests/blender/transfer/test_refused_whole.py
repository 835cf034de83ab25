# tests/blender/transfer/test_refused_whole.py: what is refused leaves all as it was, and errors say what is so
"""Several lists, or several properties of one, are several routes: all are asked before the first writes."""
import bpy
import numpy as np

from support import EVERY, refused, same
from trail_ways import known


def constrained(*kinds):
    ob = bpy.data.objects.new("Constrained", None)
    for kind in kinds:
        one = ob.constraints.new(kind)
        one.owner_space, one.influence = "LOCAL", 0.5
    return ob


def spaces(obs):
    return [[one.owner_space for one in ob.constraints] for ob in obs]


def test_a_number_that_is_no_item_of_one_of_several_types():
    from rnaslicer import Slicer
    obs = [constrained("COPY_ROTATION", "FLOOR") for _ in range(3)]
    for _ in range(3):
        with Slicer(obs)[:, "constraints", :, "owner_space"] as vw:
            values = np.asarray(vw.memcache)
            values[:] = 0
            values[2, 1] = 99
            with refused("ValueRangeError", "99", "nothing was written"):
                vw.update()
            same(spaces(obs), [["LOCAL"] * 2] * 3)
            values[2, 1] = values[0, 0]
            vw.update()
        same(spaces(obs), [["WORLD"] * 2] * 3)
        for ob in obs:
            for one in ob.constraints:
                one.owner_space = "LOCAL"


def test_the_same_of_one_list_and_two_properties():
    from rnaslicer import Slicer
    ob = constrained("COPY_ROTATION", "FLOOR")
    with Slicer(ob.constraints)[:, ("influence", "target_space")] as vw:
        values = np.asarray(vw.memcache)
        values[:] = 0
        values[1, 1] = 99
        with refused("ValueRangeError", "99", "nothing was written"):
            vw.update()
    same([one.influence for one in ob.constraints], [0.5, 0.5])


def test_what_bpy_refuses_after_others_were_written():
    """POSE is an item, but of bones' constraints only: bpy says so when it is assigned."""
    from rnaslicer import Slicer
    obs = [constrained("COPY_ROTATION") for _ in range(3)]
    with Slicer(obs)[:, "constraints", :, ("target_space", "owner_space")] as vw:
        values = np.asarray(vw.memcache)
        values[...] = 0
        values.reshape(-1)[-1] = 2
        try:
            vw.update()
        except Exception as error:
            assert type(error).__name__ == "ValueRangeError" and "nothing was written" not in str(error), error
            assert "written before" in str(error), error
        else:
            raise AssertionError("POSE was taken")


def test_a_struct_without_elements_goes():
    from rnaslicer import Slicer
    obs = [constrained(*["FLOOR"] * count) for count in (1, 1, 0, 0)]
    for how in ("remove", "add"):
        known(bpy.data.objects, EVERY, "constraints", EVERY, "influence", ragged="flat")
        with Slicer(bpy.data.objects, ragged="flat")[:, "constraints", :, "influence"] as vw:
            if how == "remove":
                bpy.data.objects.remove(obs.pop())
            else:
                obs.append(constrained())
            with refused("ShapeChangedError"):
                vw.refresh()
            with refused("ShapeChangedError"):
                vw.update()


def test_names_that_come_back():
    """Refused while others stand in the places, taken when all are back."""
    from rnaslicer import Slicer
    obs = [bpy.data.objects.new(f"Back{i:02d}", None) for i in range(9)]
    known(bpy.data.objects, EVERY, "location")
    with Slicer(bpy.data.objects)[:, "location"] as vw:
        np.asarray(vw.memcache)[:] = 3
        obs[2].name = "Zero"
        with refused("ShapeChangedError", "changed places"):
            vw.update()
        obs[2].name = "Back02"
        vw._run = None  # the routes, which were made while others stood there
        vw.update()
    same([list(ob.location) for ob in obs], [[3.0] * 3] * 9)


def test_geometry_that_is_half_built_when_another_changed():
    from rnaslicer import Slicer
    meshes = []
    for name in "AB":
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0)], [], [(0, 1, 3, 2)])
        meshes.append(mesh)
    with Slicer(meshes, ragged="flat")[:, "loop_triangles", :, "area"] as vw:
        meshes[0].clear_geometry()
        meshes[0].from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        meshes[1].clear_geometry()
        meshes[1].loops.add(3)
        meshes[1].polygons.add(2)
        try:
            vw.refresh()
        except Exception as error:
            assert type(error).__module__ == "rnaslicer.errors", (type(error), error)
        else:
            raise AssertionError("half-built geometry was read")


def test_overrides_of_the_system_are_read_only():
    """bpy lets nobody edit them: `readonly` says so before an update is refused."""
    import os
    import tempfile
    from rnaslicer import Slicer
    path = os.path.join(tempfile.mkdtemp(), "library.blend")
    made = {bpy.data.objects.new(f"Own{i}", None) for i in range(2)}
    bpy.data.libraries.write(path, made)
    bpy.data.batch_remove(list(made))
    with bpy.data.libraries.load(path, link=True) as (there, into):
        into.objects = list(there.objects)
    obs = [ob.override_create() for ob in into.objects]
    for locked in (False, True, False):
        obs[1].override_library.is_system_override = locked
        for _ in range(2):
            for supplier, items in ((obs[1], ("location",)), (obs, (EVERY, "location")), (obs[1].display, ("show_shadows",)),
                                    (obs, (EVERY, "display", "show_shadows"))):
                with Slicer(supplier)[items] as vw:
                    assert vw.readonly == locked, items
                    if not locked:
                        vw.update()
                        continue
                    with refused("ReadOnlyError"):
                        vw.update()
            assert not Slicer(obs[0])["location"].readonly
