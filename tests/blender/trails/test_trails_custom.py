# tests/blender/trails/test_trails_custom.py: custom properties, by item access, along trails
"""Each struct may give its property another form, or none, at any time. bpy says what is right; native code must have done it."""
import os
import tempfile

import bpy
import numpy as np

from counted_calls import FROM_LIST, ONE_SHOT, REFRESH, UPDATE, counted
from support import EVERY, refused, same
from trail_ways import known, natively, read

VALUES = {"number": (1.5, -2.25), "int": (3, -7), "flag": (True, False), "floats": ([1.0, 2.5, 3.0], [4.0, 5.0, 6.5]),
          "ints": ([1, 2], [3, 4])}


def made(count=6):
    found = [bpy.data.objects.new(f"Custom{i}", None) for i in range(count)]
    for i, ob in enumerate(found):
        bpy.context.scene.collection.objects.link(ob)
        for name, (value, _) in VALUES.items():
            ob[name] = [one + i for one in value] if isinstance(value, list) else type(value)(value + i)
        ob["group"] = {"inner": i / 2}
    bpy.context.view_layer.update()
    return found


def of_bpy(objects, name):
    return [list(ob[name]) if hasattr(ob[name], "__len__") else ob[name] for ob in objects]


def suppliers(objects):
    """name -> (function that gives the supplier, items before the property, function that gives the objects)."""
    return {"one": (lambda: objects[0], (), lambda: objects[:1]), "list": (lambda: objects, (EVERY,), lambda: objects),
            "file": (lambda: bpy.data.objects, (EVERY,), lambda: list(bpy.data.objects)),
            "scene": (lambda: bpy.context.scene.objects, (EVERY,), lambda: list(bpy.context.scene.objects)),
            "part": (lambda: bpy.data.objects, (slice(4, None, -2),), lambda: list(bpy.data.objects)[4::-2]),
            "picked": (lambda: bpy.data.objects, (range(4, 0, -2),), lambda: list(bpy.data.objects)[4:0:-2]),
            "names": (lambda: bpy.data.objects, (["Custom2", "Custom0"],), lambda: [objects[2], objects[0]])}


def test_values(supplier, name):
    from rnaslicer import Slicer
    give, before, structs = suppliers(made())[supplier]
    items = *before, f'["{name}"]'
    known(give(), *items)
    plain = lambda: of_bpy(structs(), name) if before else of_bpy(structs(), name)[0]  # noqa: E731
    types = {type(ob[name]) for ob in structs()}
    with Slicer(give())[items] as vw:
        same(vw.memcache.tolist(), plain())
        cache = np.asarray(vw.memcache)
        if cache.ndim == 0 or not before and cache.ndim == 1:
            cache[...] = VALUES[name][1]
        else:
            for i in range(len(cache)):
                cache[i] = np.array(VALUES[name][1]) + (0 if name == "flag" else i)
        wanted = cache.tolist()
        natively("update", vw.update)
        same(plain(), wanted)
        assert {type(ob[name]) for ob in structs()} == types
        structs()[0][name] = VALUES[name][0]
        natively("refresh", vw.refresh)
        same(vw.memcache.tolist(), plain())
        if before and len(cache) > 2:
            vw.refresh(vw.memcache[1:3])
            vw.update(vw.memcache[1:3])
            same(vw.memcache.tolist(), plain())
        out = np.zeros_like(cache)
    Slicer(give())[items].read(out)
    same(out.tolist(), plain())
    Slicer(give())[items].write(out)
    same(out.tolist(), plain())


SUPPLIERS = "one", "list", "file", "scene", "part", "picked", "names"
test_values.cases = {f"{supplier}, {name}": (supplier, name) for supplier in SUPPLIERS for name in VALUES}


def test_other_forms(supplier):
    """Gone, of another type or length, in one of them: named, with nothing written; back again it goes on."""
    from rnaslicer import Slicer
    objects = made()
    give, before, structs = suppliers(objects)[supplier]
    for name, other in (("number", 3), ("int", 1.5), ("int", True), ("floats", [1.0, 2.0]), ("floats", [1, 2, 3]), ("flag", 1),
                        ("number", None), ("number", "text"), ("ints", {"a": 1})):
        items = *before, f'["{name}"]'
        known(give(), *items)
        last = structs()[-1]
        with Slicer(give())[items] as vw:
            first = of_bpy(structs(), name)[0]
            value = last[name] if not hasattr(last[name], "__len__") else list(last[name])
            np.asarray(vw.memcache)[...] = 0
            if other is None:
                del last[name]
            else:
                last[name] = other
                if type(last[name]) is type(value):  # 3.4 has no flags
                    continue
            gone = "SupplierLostError" if other is None and supplier == "one" else "ShapeChangedError"
            for move in (vw.refresh, vw.update):
                with refused(gone, name):
                    move()
            if len(structs()) > 1:
                same(of_bpy(structs()[:1], name)[0], first)
            if other is not None:
                del last[name]
            last[name] = value
            vw.refresh()
            same(vw.memcache.tolist(), of_bpy(structs(), name) if before else of_bpy(structs(), name)[0])
            vw.update()


test_other_forms.cases = {name: (name,) for name in SUPPLIERS}


def test_all_of_another_form(supplier):
    """An explicit format is that of every form: what was entered is not read, nor written, as another."""
    from rnaslicer import Slicer
    give, before, structs = suppliers(made())[supplier]
    for was, now in ((3, 1.5), (1.5, 3), ([1, 2], [1.5, 2.5]), ([1.5, 2.5], [1, 2])):
        items = *before, '["turns"]'
        for dtype in ("d", "i"):
            for ob in structs():
                ob["turns"] = was
            for _ in range(3):
                read(give(), *items, dtype=dtype)
            with Slicer(give(), dtype=dtype)[items] as vw:
                for ob in structs():
                    ob["turns"] = now
                np.asarray(vw.memcache)[...] = 9
                for move in (vw.refresh, vw.update):
                    with refused("ShapeChangedError", "turns"):
                        move()
                same(of_bpy(structs(), "turns"), [now] * len(structs()))
            with Slicer(give(), dtype=dtype)[items] as vw:
                wanted = of_bpy(structs(), "turns") if before else of_bpy(structs(), "turns")[0]
                same(vw.memcache.tolist(), (np.rint(wanted) if dtype == "i" else np.array(wanted)).astype(dtype).tolist())


test_all_of_another_form.cases = {name: (name,) for name in SUPPLIERS}


def test_groups_parts_and_formats():
    from rnaslicer import Slicer
    objects = made()
    for items in ((EVERY, '["group"]', '["inner"]'), (EVERY, '["floats"]', 1), (EVERY, '["floats"]', slice(None, None, -1))):
        with Slicer(objects)[items] as vw:
            wanted = [ob["group"]["inner"] if "group" in items[1] else ob["floats"].to_list()[items[2]] for ob in objects]
            same(vw.memcache.tolist(), wanted)
            np.asarray(vw.memcache)[...] += 1
            vw.update()
            same([ob["group"]["inner"] if "group" in items[1] else ob["floats"].to_list()[items[2]] for ob in objects],
                 (np.array(wanted) + 1).tolist())
    for dtype in "fihq":  # doubles are converted by the routes
        for _ in range(3):
            got = read(objects, EVERY, '["number"]', dtype=dtype)[0]
            wanted = np.array([ob["number"] for ob in objects])
            assert (np.array(got) == (wanted if dtype == "f" else np.rint(wanted))).all()


def test_another_form_and_back():
    """A wrapper does not go along the trail of a form that the property had before it was entered."""
    from rnaslicer import Slicer
    ob = made(1)[0]
    for before, value in ((3, 1.5), (1.5, 3), (True, 1.5), ([1, 2], [1.5, 2.5]), ([1.5, 2.5], [1, 2])):
        for dtype in (None, "d"):
            ob["turns"] = before
            for _ in range(3):
                read(ob, '["turns"]', dtype=dtype)
            ob["turns"] = value
            for _ in range(3):
                with Slicer(ob, dtype=dtype)['["turns"]'] as vw:
                    ob["turns"] = before
                    if type(ob["turns"]) is not type(value) or not isinstance(value, (int, float)):  # 3.4 has no flags
                        with refused("ShapeChangedError", "turns"):
                            vw.refresh()
                    assert (np.array(vw.memcache) == value).all()
                    ob["turns"] = value
                    vw.refresh()
                    assert (np.array(vw.memcache) == value).all()


def test_parts_of_an_array():
    """What is not of the part stays as it is by then, whatever was moved before."""
    from rnaslicer import Slicer
    ob = made(1)[0]
    for before in ([1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0], [True, False, True, False]):
        ob["parts"] = before
        for dtype in (None, "f", "i"):
            known(ob, '["ints"]')
            for _ in range(3):
                read(ob, '["parts"]', dtype=dtype)
            for part in (slice(2, 3), slice(0, 3, 2), slice(None, None, -3), slice(None, None, -1)):
                with Slicer(ob, dtype=dtype)['["parts"]'] as vw:
                    ob["parts"] = wanted = [type(before[0])(i % 2) for i in range(4)]
                    np.asarray(vw.memcache)[...] = 1
                    wanted[part] = [type(before[0])(1)] * len(wanted[part])
                    vw.update(vw.memcache[part])
                    same(list(ob["parts"]), wanted)
                    ob["parts"] = before


def test_other_structs():
    """Bones of a pose and materials have such properties, too; of what lies within a datablock the routes ask more."""
    from rnaslicer import Slicer
    materials = [bpy.data.materials.new(f"M{i}") for i in range(4)]
    for i, material in enumerate(materials):
        material["weight"] = i / 4
    same(read(bpy.data.materials, EVERY, '["weight"]')[0], [material["weight"] for material in bpy.data.materials])
    ob = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(4):
        ob.data.edit_bones.new(f"B{i}").tail = 0, 0, 1
    bpy.ops.object.mode_set(mode="OBJECT")
    for i, bone in enumerate(ob.pose.bones):
        bone["weight"] = i / 4
    for _ in range(3):
        with Slicer(ob.pose.bones)[:, '["weight"]'] as vw:
            same(vw.memcache.tolist(), [bone["weight"] for bone in ob.pose.bones])
            np.asarray(vw.memcache)[...] += 1
            vw.update()
            same(vw.memcache.tolist(), [bone["weight"] for bone in ob.pose.bones])


def test_linked_undo_and_loss():
    from rnaslicer import Slicer
    objects = made()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "custom.blend")
        bpy.data.libraries.write(path, {objects[0]})
        with bpy.data.libraries.load(path, link=True) as (_, into):
            into.objects = [objects[0].name]
        mixed, before = [*objects[:3], into.objects[0]], of_bpy(objects, "number")
        with Slicer(mixed)[:, '["number"]'] as vw:
            np.asarray(vw.memcache)[...] = 9
            with refused("ReadOnlyError", "linked"):
                vw.update()
        same(of_bpy(objects, "number"), before)
    wrapper = Slicer(objects)[:, '["number"]']
    bpy.ops.ed.undo_push(message="before")
    objects[1]["number"] = 99.0
    bpy.ops.ed.undo_push(message="after")
    with wrapper:
        bpy.ops.ed.undo()
        objects = [bpy.data.objects[f"Custom{i}"] for i in range(6)]
        wrapper.refresh()
        same(wrapper.memcache.tolist(), of_bpy(objects, "number"))
        bpy.data.objects.remove(objects[4])
        for move in (wrapper.refresh, wrapper.update):
            with refused("SupplierLostError", "Custom4"):
                move()


def test_more_fewer_and_others():
    """Of a collection that has more or fewer by then, or others in their places; a file load takes them all away."""
    from rnaslicer import Slicer
    objects = made()
    for name in VALUES:
        known(bpy.data.objects, EVERY, f'["{name}"]')
    wrappers = [Slicer(bpy.data.objects)[:, f'["{name}"]'] for name in VALUES]
    wrappers.append(Slicer(objects)[:, '["number"]'])
    for wrapper in wrappers:
        wrapper.open()
    more = bpy.data.objects.new("More", None)
    for name in VALUES:
        more[name] = objects[0][name]
    for wrapper in wrappers[:-1]:
        for move in (wrapper.refresh, wrapper.update):
            with refused("ShapeChangedError", "6", "7"):
                move()
    wrappers[-1].refresh()
    bpy.data.objects.remove(more)
    objects[0].name = "Zuletzt"
    before = of_bpy(objects, "number")
    for wrapper in wrappers[:-1]:
        wrapper.refresh()
        same(wrapper.memcache.tolist(), of_bpy(bpy.data.objects, wrapper._items[-1][1][2:-2]))
        with refused("ShapeChangedError", "changed places"):
            wrapper.update()
    wrappers[-1].update()
    same(of_bpy(objects, "number"), before)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "custom.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
        bpy.ops.wm.open_mainfile(filepath=path)
    for move in (wrappers[-1].refresh, wrappers[-1].update):
        with refused("SupplierLostError"):
            move()
    for wrapper in wrappers:
        wrapper.close()


def test_other_numbers():
    """Those that a wrapper names, not those of which the trail was learnt."""
    from rnaslicer import Slicer
    made()
    objects = list(bpy.data.objects)
    for name in VALUES:
        known(bpy.data.objects, range(1, 4), f'["{name}"]')
        for numbers in (range(2, 4), range(4, 0, -2), [3, 1], [5, 0, 0, 2], [-1, 2], [True, False, False, True, True, False]):
            some = [ob for ob, yes in zip(objects, numbers) if yes] if True in numbers and len(numbers) == 6 else [
                objects[i] for i in numbers]
            with Slicer(bpy.data.objects)[numbers, f'["{name}"]'] as vw:
                same(vw.memcache.tolist(), of_bpy(some, name))
                before = some[-1][name] if not hasattr(some[-1][name], "__len__") else list(some[-1][name])
                some[-1][name] = "text"
                for move in (vw.refresh, vw.update):
                    with refused("ShapeChangedError", name, "a str"):
                        move()
                some[-1][name] = before
                vw.update()
                same(of_bpy(some, name), vw.memcache.tolist())


def test_counted(supplier):
    from rnaslicer import Slicer
    give, before, _ = suppliers(made())[supplier]
    for name in VALUES:
        items = *before, f'["{name}"]'

        def one_shot(items=items):
            with Slicer(give())[items]:
                pass

        known(give(), *items)
        found = {"one-shot": counted(one_shot)}
        with Slicer(give())[items] as vw:
            found["refresh"], found["update"] = counted(vw.refresh), counted(vw.update)
        limits = {"one-shot": ONE_SHOT if supplier == "one" else FROM_LIST, "refresh": REFRESH, "update": UPDATE}
        assert all(found[way] <= limits[way] for way in limits), (name, found)


test_counted.cases = {name: (name,) for name in SUPPLIERS}
