# tests/blender/lifetime/test_other_form.py: what was entered has items of another type now
"""A layer or a custom property of the same name and extents may be made anew while a wrapper is entered. `read` and `write`
then say so as `refresh` and `update` do, for buffers of any items, whatever trails know of the other type."""
import bpy
import numpy as np
from rnaslicer import ShapeChangedError, Slicer

from support import same

VALUES = {"INT": 7, "FLOAT": 1.5, "BOOLEAN": True}
CUSTOM = {"INT": (7, [7, 8]), "FLOAT": (1.5, [1.5, 2.5]), "BOOLEAN": (True, [True, False])}
USES = {
    "refresh": lambda vw: vw.refresh(),
    "update": lambda vw: vw.update(),
    "read": lambda vw: vw.read(),
    **{f"read into {dtype}": lambda vw, dtype=dtype: vw.read(np.zeros(vw.memcache.shape, dtype))
       for dtype in ("i1", "i4", "i8", "f4", "f8", "?")},
    "read into every second": lambda vw: vw.read(np.zeros((*vw.memcache.shape, 2), "f8")[..., 0]),
    **{f"write of {dtype}": lambda vw, dtype=dtype: vw.write(np.ones(vw.memcache.shape, dtype)) for dtype in ("i4", "f4", "f8")},
    "write of every second": lambda vw: vw.write(np.ones((*vw.memcache.shape, 2), "f8")[..., 0]),
}


def layer(mesh, kind):
    if "n" in mesh.attributes:
        mesh.attributes.remove(mesh.attributes["n"])
    for one in mesh.attributes.new("n", kind, "POINT").data:
        one.value = VALUES[kind]


def layered(make):
    """(make a wrapper, give all a layer of a type, all values) of two meshes."""
    meshes = [bpy.data.meshes.new(name) for name in "ab"]
    for mesh in meshes:
        mesh.vertices.add(5)
    return (lambda: make(meshes), lambda kind: [layer(mesh, kind) for mesh in meshes],
            lambda: [one.value for mesh in meshes for one in mesh.attributes["n"].data])


def custom(make, at=0, behind=None):
    obs = [bpy.data.objects.new(name, None) for name in "ab"]

    def give(kind, first=0):
        for ob in obs[first:]:
            if behind:
                ob[behind] = {"n": CUSTOM[kind][at]}
            else:
                ob["n"] = CUSTOM[kind][at]

    def values():
        found = [(ob[behind] if behind else ob)["n"] for ob in obs]
        return [list(one) if at else one for one in found]

    return lambda: make(obs), give, values


CASES = {
    "a layer": lambda: layered(lambda of: Slicer(of[0])["attributes", '["n"]', "data", :, "value"]),
    "a layer's part": lambda: layered(lambda of: Slicer(of[0])["attributes", '["n"]', "data", 1:4, "value"]),
    "the data": lambda: layered(lambda of: Slicer(of[0].attributes["n"].data)[:, "value"]),
    "layers": lambda: layered(lambda of: Slicer(of)[:, "attributes", '["n"]', "data", :, "value"]),
    "a property": lambda: custom(lambda of: Slicer(of[0])['["n"]']),
    "properties": lambda: custom(lambda of: Slicer(of)[:, '["n"]']),
    "an array": lambda: custom(lambda of: Slicer(of[0])['["n"]'], at=1),
    "arrays": lambda: custom(lambda of: Slicer(of)[:, '["n"]'], at=1),
    "padded arrays": lambda: custom(lambda of: Slicer(of, ragged="pad")[:, '["n"]', :], at=1),
    "flat arrays": lambda: custom(lambda of: Slicer(of, ragged="flat")[:, '["n"]', :], at=1),
    "in a group": lambda: custom(lambda of: Slicer(of[0])['["g"]', '["n"]'], behind="g"),
}


def warm(make, give):
    """Trails of all types, for each format of a buffer."""
    for kind in VALUES:
        give(kind)
        shape = np.asarray(make().read()).shape
        for dtype in ("i1", "i4", "i8", "f4", "f8", "?"):
            for _ in range(2):
                make().read(np.zeros(shape, dtype))
                make().write(np.ones(shape, dtype))
        with make() as vw:
            vw.refresh()
            vw.update()


def types_of(give, values):
    """Those that are kept apart: 3.4 has no custom property that is a bool."""
    found = {}
    for kind in VALUES:
        give(kind)
        found.setdefault(type(np.ravel(values())[0].item()), kind)
    return found.values()


def refuses(use, vw, note):
    try:
        use(vw)
    except ShapeChangedError:
        return
    except Exception as error:
        raise AssertionError(f"{note} ends in {error!r}") from error
    raise AssertionError(f"{note} is not refused")


def test_another_type_is_told_by_every_use():
    done = 0
    for label, case in CASES.items():
        for is_warm in (False, True):
            make, give, values = case()
            kinds = types_of(give, values)
            if is_warm:
                warm(make, give)
            for then in kinds:
                for now in kinds:
                    for name, use in USES.items():
                        give(then)
                        with make() as vw:
                            entered = np.array(vw.memcache)
                            give(now)
                            before = values()
                            note = f"{label}, {'warm' if is_warm else 'cold'}, {then} to {now}, {name}"
                            if now == then:
                                use(vw)
                                continue
                            refuses(use, vw, note)
                            same(values(), before, note)
                            same(np.asarray(vw.memcache).tolist(), entered.tolist(), note)
                            done += 1
    assert done >= len(CASES) * 2 * 2 * len(USES)


def test_one_of_many_has_another_type():
    for is_warm in (False, True):
        make, give, values = custom(lambda of: Slicer(of)[:, '["n"]'])
        if is_warm:
            warm(make, give)
        for name, use in USES.items():
            give("INT")
            with make() as vw:
                give("FLOAT", first=1)
                refuses(use, vw, name)
                same(values(), [7, 1.5], name)


def test_outside_its_context_each_use_takes_what_is_there():
    make, give, _ = custom(lambda of: Slicer(of)[:, '["n"]'])
    vw = make()
    for kind, format in (("INT", "i"), ("FLOAT", "d"), ("INT", "i"), ("FLOAT", "d")):
        give(kind)
        same(memoryview(vw.read()).format, format)
        with vw:
            same(vw.memcache.format, format)


def test_a_buffer_of_what_was_before_is_no_reason_to_stay_with_it():
    """Outside its context: native code that knows the form of before must not take a buffer of that for the wrapper's own."""
    formats = {"INT": "i4", "FLOAT": "f4", "BOOLEAN": "?"}
    for label, case in CASES.items():
        make, give, values = case()
        kinds = list(types_of(give, values))
        for then in kinds:
            for now in kinds:
                for is_written in (False, True):
                    note = f"{label}, {then} to {now}, {'written' if is_written else 'read'}"
                    give(then)
                    for _ in range(4):
                        held = make()
                        shape = np.asarray(held.read()).shape
                        dtype = memoryview(held.read()).format
                    give(now)
                    for given in (dtype, formats[then]):
                        buffer = np.ones(shape, given)
                        held.write(buffer) if is_written else held.read(buffer)
                    wanted, found = values(), make().read()
                    kind = type(np.ravel(wanted)[0].item())
                    assert memoryview(found).format in {int: "i", float: "fd", bool: "?"}[kind], note
                    same(np.ravel(found.tolist()).tolist(), np.ravel(wanted)[1:4].tolist() if label == "a layer's part" else (
                        np.ravel(wanted)[:np.size(found)].tolist()), note)
