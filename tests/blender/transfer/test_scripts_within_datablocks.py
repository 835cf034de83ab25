# tests/blender/transfer/test_scripts_within_datablocks.py: scripts' code within our assignments that takes whole datablocks or classes away
"""Which datablock an index counts, and whether the class of its structs is registered, is asked again whenever code of a
script may have run. Nothing may land in another datablock, and nothing of a freed type be touched."""
import contextlib
import gc

import bpy
import numpy as np

from support import EVERY, refused

hook = [None]


def called(self, _context):
    if hook[0] is not None:
        hook[0](self)


class WithinItem(bpy.types.PropertyGroup):
    val: bpy.props.FloatProperty(update=called)
    pad: bpy.props.FloatVectorProperty(size=32)


class WithinTable(bpy.types.PropertyGroup):
    items: bpy.props.CollectionProperty(type=WithinItem)


KINDS = WithinItem, WithinTable


def register():
    for kind in KINDS:
        bpy.utils.register_class(kind)
    bpy.types.Mesh.within = bpy.props.CollectionProperty(type=WithinItem)
    bpy.types.Scene.within = bpy.props.PointerProperty(type=WithinTable)


def unregister():
    for kind in reversed(KINDS):
        bpy.utils.unregister_class(kind)


@contextlib.contextmanager
def registered():
    register()
    hook[0] = None
    try:
        yield
    finally:
        hook[0] = None
        del bpy.types.Mesh.within, bpy.types.Scene.within
        unregister()
        gc.collect()


def meshes():
    for mesh in list(bpy.data.meshes):
        bpy.data.meshes.remove(mesh)
    for i in range(5):
        mesh = bpy.data.meshes.new(f"mesh {i}")
        for _ in range(3):
            mesh.within.add()


def values():
    return {mesh.name: [item.val for item in mesh.within] for mesh in bpy.data.meshes}


def test_a_datablock_goes():
    """An index would lead to the next one: what was meant for the lost one must not land there."""
    from rnaslicer import Slicer
    with registered():
        for victim in ("mesh 2", "mesh 3"):
            def take(item, victim=victim):
                if item.id_data.name == "mesh 2":
                    hook[0] = None
                    bpy.data.meshes.remove(bpy.data.meshes[victim])

            meshes()
            with Slicer(bpy.data.meshes)[:, "within", :, "val"] as vw:
                np.asarray(vw.memcache)[...] = np.arange(1, 16).reshape(5, 3)
                hook[0] = take
                with refused("SlicerError"):
                    vw.update()
            found = values()
            assert found.pop("mesh 2", [7, 8, 9]) == [7, 8, 9], found
            assert [found.pop(f"mesh {i}") for i in (0, 1)] == [[1, 2, 3], [4, 5, 6]], found
            assert all(one == [0, 0, 0] for one in found.values()), found

            meshes()
            with Slicer(bpy.data.meshes)[:, "within", 1, "val"] as vw:
                np.asarray(vw.memcache)[...] = np.arange(1, 6)
                hook[0] = take
                if victim == "mesh 2":  # after its own value: nothing is lost
                    vw.update()
                else:
                    with refused("SupplierLostError", "3 of 5 elements"):
                        vw.update()
            found = {name: one[1] for name, one in values().items()}
            assert found == ({"mesh 0": 1, "mesh 1": 2, "mesh 3": 4, "mesh 4": 5} if victim == "mesh 2" else
                             {"mesh 0": 1, "mesh 1": 2, "mesh 2": 3, "mesh 4": 0}), found


def test_a_datablock_is_renamed():
    from rnaslicer import Slicer
    with registered():
        meshes()
        with Slicer(bpy.data.meshes)[:, "within", :, "val"] as vw:
            np.asarray(vw.memcache)[...] = np.arange(1, 16).reshape(5, 3)

            def rename(item):
                if item.id_data.name == "mesh 1":
                    hook[0] = None
                    bpy.data.meshes["mesh 0"].name = "zz"
            hook[0] = rename
            with refused("ShapeChangedError", "other datablocks"):
                vw.update()
        assert values() == {"mesh 1": [4, 5, 6], "mesh 2": [0] * 3, "mesh 3": [0] * 3, "mesh 4": [0] * 3, "zz": [1, 2, 3]}


def test_a_class_goes():
    """Its structs' RNA type is freed: Blender 4.3 and 5.2 crash when asked for the next one."""
    from rnaslicer import Slicer
    with registered():
        items = bpy.context.scene.within.items
        for at in (0, 3, 7):
            items.clear()
            for _ in range(8):
                items.add()
            for again in (False, True):
                with Slicer(items)[:, "val"] as vw:
                    np.asarray(vw.memcache)[...] = 5
                    seen = [0]

                    def go(_):
                        seen[0] += 1
                        if seen[0] == at + 1:
                            hook[0] = None
                            unregister()
                            if again:
                                register()
                    hook[0] = go
                    if at == 7:
                        with contextlib.suppress(ReferenceError):
                            vw.update()
                    else:
                        with refused("SupplierLostError", "was unregistered", f"{at + 1} of 8 elements"):
                            vw.update()
                if not again:
                    register()
                items = bpy.context.scene.within.items
                assert [item.val for item in items] == [5] * (at + 1) + [0] * (7 - at), (at, again)
                for item in items:
                    item.val = 0
