# tests/blender/trails/test_trails_lists_behind.py: lists behind each of many structs: bones' constraints, modifiers
import itertools

import bpy

from support import EVERY, refused
from trail_lists import edited, rig
from trail_ways import counts, natively

INFLUENCE = EVERY, "constraints", EVERY, "influence"
SHOWN = EVERY, "modifiers", EVERY, "show_viewport"
KINDS = "COPY_LOCATION", "LIMIT_ROTATION", "DAMPED_TRACK", "CHILD_OF"


def forget():
    from rnaslicer.transfer import trails
    trails.forget_all()


def posed(lengths=(3,) * 9, kinds=KINDS, name="Rig"):
    """A rig whose bones have so many constraints."""
    ob = rig(len(lengths), name)
    for i, (bone, count) in enumerate(zip(ob.pose.bones, lengths)):
        for j in range(count):
            one = bone.constraints.new(kinds[(i + j) % len(kinds)])
            one.influence, one.mute = (1 + 5 * i + j) / 64, (i + j) % 3 == 0
    return ob


def told(ob, names=("influence",), bones=EVERY):
    rows = [[[getattr(one, name) for name in names] for one in bone.constraints] for bone in list(ob.pose.bones)[bones]]
    return [[row[0] for row in part] for part in rows] if len(names) == 1 else rows


def joined(parts):
    return list(itertools.chain(*parts))


def modified(count=9, kinds=("DISPLACE", "SOLIDIFY"), name="Modified"):
    made = []
    for i in range(count):
        ob = bpy.data.objects.new(f"{name}{i:04}", bpy.data.meshes.new("Modified"))
        bpy.context.scene.collection.objects.link(ob)
        for j in range(3):
            ob.modifiers.new(f"M{j}", kinds[(i + j) % len(kinds)]).show_viewport = (i + j) % 3 != 1
        made.append(ob)
    bpy.context.view_layer.update()
    return made


def shown(made):
    return [[one.show_viewport for one in ob.modifiers] for ob in made]


def test_every_form(form):
    from rnaslicer import Slicer
    lengths = (3,) * 9 if form == "equal" else (2, 0, 3, 1, 4, 2, 2, 0, 2)
    options = {} if form == "equal" else {"ragged": form}
    ob = posed(lengths)
    for names in (("influence",), ("mute",), ("mute", "influence")):
        for rows in (EVERY, slice(2, None), slice(None, None, 2), slice(None, None, -1)):
            forget()
            items = rows, "constraints", EVERY, names[0] if len(names) == 1 else names
            for time in range(3):
                before = counts()["enter"][0]
                with Slicer(ob.pose.bones, **options)[items] as vw:
                    for _ in range(2):
                        wanted = told(ob, names, rows)
                        if form == "pad":
                            got = [part[:len(own)] for part, own in zip(vw.memcache.tolist(), wanted)]
                        else:
                            got = vw.memcache.tolist()
                        assert got == (joined(wanted) if form == "flat" else wanted), (names, rows, time)
                        for one in ob.pose.bones[4].constraints:
                            one.influence, one.mute = one.influence / 2, not one.mute
                        vw.refresh() if form == "pad" else natively("refresh", vw.refresh)
                    if form == "flat":
                        assert list(vw.offsets) == [0, *itertools.accumulate(map(len, wanted))]
                assert form == "pad" or counts()["enter"][0] == before + 1, (names, rows, time)


test_every_form.cases = {form: (form,) for form in ("equal", "flat", "pad")}


def test_written():
    """By the routes, and only what is meant."""
    from rnaslicer import Slicer
    ob = posed()
    for time in range(3):
        with Slicer(ob.pose.bones)[INFLUENCE] as vw:
            for i in range(9):
                for j in range(3):
                    vw.memcache[i, j] = ((i * j + time) % 32) / 32
            wanted = vw.memcache.tolist()
            vw.update()
            assert told(ob) == wanted
            vw.memcache[4, 1] = vw.memcache[5, 1] = 0.75
            vw.update(vw.memcache[4:5])
            wanted[4][1] = 0.75
            assert told(ob) == wanted
            natively("refresh", vw.refresh)
            vw.memcache[:, 1] = [0] * 9
            vw.refresh(vw.memcache[::2, 1])
            assert [row[1] for row in vw.memcache.tolist()] == [
                row[1] if i % 2 == 0 else 0 for i, row in enumerate(wanted)]


def test_more_kinds():
    """A trail that was made of some kinds is made for others, too; what has none of the property's is refused."""
    from rnaslicer import Slicer
    first, second = posed(kinds=KINDS[:1]), posed(kinds=KINDS[1:], name="Other")
    for ob in (first, second, first):
        for _ in range(2):
            with Slicer(ob.pose.bones)[INFLUENCE] as vw:
                assert vw.memcache.tolist() == told(ob)
        before = counts()["enter"]
        with Slicer(ob.pose.bones)[INFLUENCE] as vw:
            assert vw.memcache.tolist() == told(ob)
        assert counts()["enter"] == (before[0] + 1, before[1])


def test_changed_lists(change):
    from rnaslicer import Slicer
    ob = posed()
    for _ in range(2):
        with Slicer(ob.pose.bones)[INFLUENCE]:
            pass
    bones = ob.pose.bones
    with Slicer(bones)[INFLUENCE] as vw:
        assert vw._known is not None
        if change == "another type":
            bones[3].constraints.remove(bones[3].constraints[2])
            bones[3].constraints.new("STRETCH_TO").influence = 0.125
        elif change == "moved":
            bones[3].constraints.move(0, 2)
        elif change == "longer":
            bones[3].constraints.new("COPY_SCALE")
        elif change == "shorter":
            bones[3].constraints.remove(bones[3].constraints[0])
        elif change == "as many in all":
            bones[3].constraints.remove(bones[3].constraints[0])
            bones[4].constraints.new("COPY_SCALE")
        elif change == "bone removed":
            edited(ob, lambda edit: edit.remove(edit[3]))
        else:
            bpy.data.objects.remove(ob)
        if change in ("another type", "moved"):
            vw.refresh()
            assert vw.memcache.tolist() == told(ob)
            vw.memcache[3, 2] = 0.25
            vw.update()
            assert bones[3].constraints[2].influence == 0.25
            return
        for use in (vw.refresh, vw.update):
            with refused("SupplierLostError" if change == "object removed" else "ShapeChangedError"):
                use()


test_changed_lists.cases = {change: (change,) for change in (
    "another type", "moved", "longer", "shorter", "as many in all", "bone removed", "object removed")}


def test_flat_lists_of_other_lengths():
    """As many in all, and differently divided: the offsets are others."""
    from rnaslicer import Slicer
    ob = posed((2, 1, 3))
    for _ in range(2):
        with Slicer(ob.pose.bones, ragged="flat")[INFLUENCE]:
            pass
    with Slicer(ob.pose.bones, ragged="flat")[INFLUENCE] as vw:
        assert vw._known is not None
        ob.pose.bones[0].constraints.remove(ob.pose.bones[0].constraints[0])
        ob.pose.bones[1].constraints.new("COPY_SCALE")
        for use in (vw.refresh, vw.update):
            with refused("ShapeChangedError"):
                use()


def test_modifiers_of_objects(name):
    from rnaslicer import Slicer
    made = modified()
    give = {"list": lambda: made, "bpy.data": lambda: bpy.data.objects,
            "scene": lambda: bpy.context.scene.objects}[name]
    for time in range(3):
        chosen = list(give())
        with Slicer(give())[SHOWN] as vw:
            assert vw.memcache.tolist() == shown(chosen)
            made[5].modifiers[time].show_viewport ^= True
            natively("refresh", vw.refresh)
            assert vw.memcache.tolist() == shown(chosen)
            vw.memcache[2, 1] = time % 2 == 0
            vw.update()
            assert vw.memcache.tolist() == shown(chosen)
    with Slicer(give())[SHOWN] as vw:
        assert vw._known is not None
        before, chosen = vw.memcache.tolist(), list(give())
        vw.memcache[0, 0] = not before[0][0]
        if name == "bpy.data":
            made[0].name = "Zero"
            with refused("ShapeChangedError", "changed places"):
                vw.update()
            assert shown(chosen) == before
        else:
            bpy.data.objects.remove(made[7])
            with refused("SupplierLostError" if name == "list" else "ShapeChangedError"):
                vw.update()


test_modifiers_of_objects.cases = {name: (name,) for name in ("list", "bpy.data", "scene")}


def test_first_of_many():
    """The first few tell the trail; a later one of another kind is found."""
    from rnaslicer import Slicer
    made = modified(200)
    forget()
    before = counts()["enter"]
    with Slicer(made)[SHOWN] as vw:
        assert vw.memcache.tolist() == shown(made)
        assert counts()["enter"] == (before[0] + 2, before[1])
    made[170].modifiers.remove(made[170].modifiers[1])
    made[170].modifiers.new("Other", "ARRAY").show_viewport = False
    for _ in range(2):
        forget()
        for _ in range(3):
            with Slicer(made)[SHOWN] as vw:
                assert vw.memcache.tolist() == shown(made)
                vw.refresh()
                assert vw.memcache.tolist() == shown(made)
    natively("refresh", Slicer(made)[SHOWN].open().refresh)
    made[100].modifiers.new("More", "ARRAY")
    for time in range(2):
        forget()
        with refused("ExpressionError", "lengths differ", made[100].name):
            Slicer(made)[SHOWN].open()


def test_after_undo():
    """bpy's references die, the lists lie elsewhere."""
    from rnaslicer import Slicer
    ob = posed()
    for _ in range(2):
        with Slicer(ob.pose.bones)[INFLUENCE]:
            pass
    bpy.ops.ed.undo_push(message="before")
    with Slicer(ob.pose.bones)[INFLUENCE] as vw:
        wanted = vw.memcache.tolist()
        for bone in ob.pose.bones:
            bone.constraints[1].influence = 0
        bpy.ops.ed.undo_push(message="after")
        bpy.ops.ed.undo()
        ob = bpy.data.objects["Rig"]
        vw.refresh()
        assert vw.memcache.tolist() == told(ob) == wanted
