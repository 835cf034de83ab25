# tests/blender/lifetime/test_rosters_captured.py: lists of datablocks, captured by native code as by Python
"""Python captures the first list of a kind; from then on native code does, if it may. Both must say the same of every list."""
import os
import tempfile

import bpy

from counted_calls import counted
from support import EVERY, VERSION, same
from trail_ways import known


def made(count=6):
    found = [bpy.data.objects.new(f"R{i}", None) for i in range(count)]
    for i, ob in enumerate(found):
        bpy.context.scene.collection.objects.link(ob)
        ob.location = i, 2, 3
    bpy.context.view_layer.update()
    return found


def said(structs, capture=None):
    """What capturing a list gives: who they are, or why not."""
    from rnaslicer import Slicer, SlicerError
    try:
        path = capture(structs) if capture else Slicer(structs)._path
    except SlicerError as error:
        return type(error).__name__, str(error)
    if type(path) is list:
        return [str(one) for one in path]
    return type(path).__name__, path.type, path._list, path._loads, path.native.uids(), path.said(), [str(one) for one in path]


def by_python(structs):
    """The same where native code knows no lists."""
    from rnaslicer import captured
    return said(structs, captured.capture)


def lists():
    """Name -> list."""
    class Own(list):
        pass

    objects = made()
    meshes = [bpy.data.meshes.new(f"M{i}") for i in range(3)]
    lights = [bpy.data.lights.new(f"L{i}", "POINT") for i in range(3)]
    gone = bpy.data.objects.new("Gone", None)
    bpy.data.objects.remove(gone)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rosters.blend")
        bpy.data.libraries.write(path, {objects[0]})
        with bpy.data.libraries.load(path, link=True) as (_, into):
            into.objects = [objects[0].name]
        with bpy.data.libraries.load(path, link=True) as (_, into):
            into.objects = [objects[0].name]
    depsgraph = bpy.context.evaluated_depsgraph_get()
    return {"objects": objects, "tuple": tuple(objects), "own class": Own(objects), "one": objects[:1], "twice": objects[:2] * 2,
            "reversed": objects[::-1], "meshes": meshes, "mixed": objects + meshes, "lights": lights,
            "gone": [*objects, gone], "gone first": [gone, *objects], "none": [*objects, None], "none first": [None, *objects],
            "numbers": [1, 2], "empty": [], "linked": [*objects, into.objects[0]], "linked first": [into.objects[0], *objects],
            "evaluated": [one.evaluated_get(depsgraph) for one in objects], "scenes": list(bpy.data.scenes),
            "trees": [scene.collection for scene in bpy.data.scenes], "modifiers": list(objects[0].modifiers),
            "names": ["a", "b"], "classes": [bpy.types.Object]}


def test_native_code_says_what_python_says():
    for name, structs in lists().items():
        before = by_python(structs)
        for _ in range(3):
            same(said(structs), before, name)


def test_the_list_may_change_afterwards():
    from rnaslicer import Slicer
    objects = made()
    known(objects, EVERY, "location")
    given = list(objects)
    wrapper = Slicer(given)[:, "location"]
    given.clear()
    same(wrapper.read().tolist(), [list(ob.location) for ob in objects])


def test_other_datablocks_of_the_name():
    """Of temporary data beside the file's, and after a file load, none is taken for the file's own."""
    from rnaslicer import Slicer
    from rnaslicer.blender.hazards import temporary
    from rnaslicer.supplier.roster import Roster
    objects = made()
    known(objects, EVERY, "location")
    if VERSION >= (4, 3):  # 3.4 has no such lists to read
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "temporary.blend")
            bpy.data.libraries.write(path, set(objects))
            with temporary(bpy.data.temp_data()) as data:
                with data.libraries.load(path) as (there, into):
                    into.objects = there.objects
                found = said(list(into.objects))
                assert found[0] != "Roster" and found == by_python(list(into.objects)), found
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    objects = made()
    assert type(Slicer(objects)._path) is Roster
    same(known(objects, EVERY, "location"), [list(ob.location) for ob in objects])


def test_counted(name):
    """Counted calls of making, entering and leaving, however many there are."""
    from rnaslicer import Slicer
    for count in (1, 6, 300):
        objects = made(count)

        def one_shot(objects=objects):
            with Slicer(objects)[:, name]:
                pass

        known(objects, EVERY, name)
        assert counted(one_shot) <= 45, counted(one_shot)  # of a list of one, which may go the way of one datablock


test_counted.cases = {name: (name,) for name in ("location", "pass_index", "color")}
