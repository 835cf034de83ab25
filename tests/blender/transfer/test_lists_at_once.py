# tests/blender/transfer/test_lists_at_once.py: a list written at once leaves what a loop of assignments leaves
"""For lists of all kinds and each property that discovery says may be written at once: loop and update are done one
after the other from the same state, whole and by region; the datablock as bpy tells it, what is evaluated from it and
what handlers hear must be the same."""
import random

import bpy
import numpy as np

import census_scene
import derived_scenes as scenes
import derived_values as derived
from census_walk import NUMERIC, Walk, numbers, properties_of
from census_write import unwritten, valid
from support import VERSION, plain, refused


def at_once(coll, name):
    """The route of a property, if it is one that writes lists at once, else None."""
    from rnaslicer.errors import SlicerError
    from rnaslicer import Slicer
    from rnaslicer.layout.places import Linked
    from rnaslicer.transfer.choice import choose
    from rnaslicer.transfer.direct import DirectRoute
    from rnaslicer.transfer.writing.bulk import may_be_bulk
    if len(coll) < 2:
        return False
    try:
        with Slicer(coll)[:, name] as vw:
            (route,) = [choose(leaf, vw._view) for leaf in vw._by_routes()[0].leaves]
    except SlicerError:
        return False
    return (type(route) is DirectRoute and isinstance(route.layout.place, Linked) and may_be_bulk(route.leaf)
            and route.layout.storage.writes)


class Assigned:
    """Counts what the element route assigns, while this is open."""

    def __enter__(self):
        from rnaslicer.transfer import direct
        self.count, self.module, self.write = 0, direct, direct.write

        def counted(leaf, reached, dense, *rest):
            self.count += len(dense.rows)
            return self.write(leaf, reached, dense, *rest)
        direct.write = counted
        # The census registers nodes, but not in these trees.
        self.may_run, direct.may_run = direct.may_run, lambda *_: False
        return self

    def __exit__(self, *_):
        self.module.write, self.module.may_run = self.write, self.may_run


def told(coll):
    """All numbers of a list's elements, and of the datablock that has them."""
    seen = []
    for struct in (*coll, coll.id_data):
        for prop in properties_of(struct.bl_rna).values():
            if prop.type in NUMERIC:
                try:
                    seen.append((struct.bl_rna.identifier, prop.identifier, plain(numbers(struct, prop.identifier)[1])))
                except Exception:
                    pass  # no number that bpy tells
    return seen


def outcome(act, coll_of, count):
    """(what bpy tells, what is evaluated, what handlers hear) after `act`."""
    bpy.context.view_layer.update()
    with derived.Updates() as updates:
        act()
        once = told(coll_of())
        later = derived.evaluated() if count else bpy.context.view_layer.update()
    return once, plain_of(later), updates.calls


def plain_of(seen):
    return repr(seen)


def compare(coll_of, name, rng, evaluates=True):
    """Loop and update from the same state; how many elements the update had assigned by bpy one by one."""
    from rnaslicer import Slicer
    coll = coll_of()
    before = [kept(getattr(element, name)) for element in coll]
    values = [valid(rng, element, name) for element in coll]

    def loop(rows, part=slice(None)):
        for element, value in list(zip(coll_of(), rows))[part]:
            setattr(element, name, value)
    for part in (slice(None), slice(1, None, 2)):
        theirs = outcome(lambda: loop([value for value, _ in values], part), coll_of, evaluates)
        loop(before)
        with Slicer(coll_of())[:, name] as vw:
            def update():
                rows = np.asarray(vw.memcache)
                for i in range(len(rows))[part]:
                    rows[i] = np.reshape(values[i][1], rows[i].shape)
                vw.update(vw.memcache[part] if part.start else None)
            with Assigned() as assigned:
                ours = outcome(update, coll_of, evaluates)
        loop(before)
        for what, mine, bpys in zip(("told", "evaluated", "handlers"), ours, theirs):
            assert mine == bpys, f"{name} {part} {what}: {difference(mine, bpys)}"
    return assigned.count


def kept(value):
    """A copy of what bpy gives, which setattr takes again."""
    return value.copy() if hasattr(value, "copy") else list(value) if hasattr(value, "__len__") else value


def difference(one, two):
    if isinstance(one, list) and len(one) == len(two):
        return [(a, b) for a, b in zip(one, two) if a != b][:4]
    at = next((i for i, (a, b) in enumerate(zip(one, two)) if a != b), 0)
    return one[at - 90 : at + 90], two[at - 90 : at + 90]


def each_at_once(coll_of, least, looped=(), evaluates=True):
    rng, failed, done = random.Random(7), [], []
    for prop in properties_of(coll_of()[0].bl_rna).values():
        name = prop.identifier
        if prop.type not in NUMERIC or prop.is_readonly or not at_once(coll_of(), name):
            continue
        done.append(name)
        try:
            count = compare(coll_of, name, rng, evaluates)
            assert count <= 1, f"{name}: bpy assigned {count} elements one by one"
        except AssertionError as error:
            failed.append(str(error))
    assert not failed, "\n".join(failed)
    assert least <= set(done), f"not at once: {sorted(least - set(done))}; these are {done}"
    assert not set(looped) & set(done), f"at once: {set(looped) & set(done)}"


LISTS = {
    "pose bones": (scenes.armature, lambda ob: ob.pose.bones,
                   {"location", "rotation_quaternion", "rotation_euler", "scale"}, {"rotation_mode", "lock_location"}),
    "constraints": (scenes.settings, lambda ob: ob.constraints, {"influence", "mute", "use_max_x", "max_x"}, ()),
    "modifiers": (scenes.settings, lambda ob: ob.modifiers, {"show_viewport", "show_render", "strength", "mid_level"},
                  ()),
    "shape keys": (scenes.shape_keys, lambda key: key.key_blocks, {"mute"}, {"value"}),
    "f-curves": (scenes.action, lambda action: fcurves(action), {"mute", "select", "hide", "lock"}, ()),
    "nodes": (scenes.nodes, lambda tree: tree.nodes,
              # What 5.2 stores of a location is a sum: -0.0 becomes 0.0.
              {"location_absolute" if VERSION >= (5, 0) else "location"},
              {"mute", "width"} | ({"location"} if VERSION >= (5, 0) else set())),
    "NLA strips": (scenes.nla_strips, lambda ob: ob.animation_data.nla_tracks[0].strips,
                   {"mute", "influence", "use_reverse"}, {"frame_start", "scale", "use_animated_time_cyclic"}),
    "NLA tracks": (scenes.nla_strips, lambda ob: ob.animation_data.nla_tracks, {"mute", "lock", "select"}, ()),
    "splines": (scenes.curve, lambda curve: curve.splines, {"resolution_u", "use_smooth"}, {"use_cyclic_u"}),
    "metaball elements": (scenes.metaballs, lambda ball: ball.elements, {"co", "radius", "stiffness"}, ()),
}


def fcurves(action):
    return action.fcurves if VERSION < (5, 0) else action.layers[0].strips[0].channelbags[0].fcurves


def test_as_the_loop(kind):
    make, list_of, least, looped = LISTS[kind]
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    owner = make()
    each_at_once(lambda: list_of(owner), least, looped, kind != "metaball elements")  # which take minutes


test_as_the_loop.cases = {name: (name,) for name in LISTS}


def test_all_of_the_census():
    """Every list of the census scene; what is evaluated is compared above."""
    from rnaslicer.discovery import known
    census_scene.build(random.Random(1))
    rng, failed, done = random.Random(5), [], 0
    seen = set()
    for site in Walk().sites([]):
        if not site.is_collection:
            continue
        coll = site.place.follow()
        owner = getattr(coll, "data", None)
        if owner is None or (owner.bl_rna.identifier, site.place.steps[-1]) not in known().lists or len(coll) < 2:
            continue
        if isinstance(coll[0], bpy.types.ID):
            continue
        for prop in properties_of(coll[0].bl_rna).values():
            name, key = prop.identifier, (owner.bl_rna.identifier, site.place.steps[-1], prop.identifier)
            if prop.type not in NUMERIC or prop.is_readonly or key in seen or unwritten(site, coll[0].bl_rna, name):
                continue
            alike = {p and p.as_pointer() for p in (properties_of(element.bl_rna).get(name) for element in coll)}
            if len(alike) != 1 or not at_once(coll, name):
                continue
            seen.add(key)
            try:
                compare(site.place.follow, name, rng, evaluates=False)
            except AssertionError as error:
                failed.append(f"{site.place}: {error}")
            done += 1
    assert not failed, "\n".join(failed)[:4000]
    assert done > 60, done


def rig(count=40):
    ob = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(count):
        bone = ob.data.edit_bones.new(f"Bone{i}")
        bone.head, bone.tail = (i, 0, 0), (i, 1, 0)
    bpy.ops.object.mode_set(mode="OBJECT")
    return ob


def test_assignments_are_counted():
    """Forty bones: once in a session one is assigned to compare, then none but the last, by its own value."""
    from rnaslicer import Slicer
    ob = rig()
    with Slicer(ob.pose.bones)[:, "location"] as vw:
        vw.update()
        with Assigned() as assigned:
            np.asarray(vw.memcache)[...] = 3
            vw.update()
    assert assigned.count == 0
    assert all(tuple(bone.location) == (3, 3, 3) for bone in ob.pose.bones)


def test_subscribers_hear(what):
    """Somebody who subscribed to one bone, or to a type that is not the last one's, is told as by the loop."""
    from rnaslicer import Slicer
    ob, owner = rig(), object()
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    for i in range(40):
        tree.nodes.new("ShaderNodeMath" if i else "ShaderNodeValue")
    place = "location" if VERSION < (5, 0) else "location_absolute"
    coll, name, key = {
        "bone": (ob.pose.bones, "location", ob.pose.bones[7].path_resolve("location", False)),
        "any property of a bone": (ob.pose.bones, "location", ob.pose.bones[7]),
        "a node's type": (tree.nodes, place, (bpy.types.ShaderNodeValue, place)),
        "the bones' type": (ob.pose.bones, "location", (bpy.types.PoseBone, "location")),
        "another bone": (ob.pose.bones, "location", rig().pose.bones[7].path_resolve("location", False)),
    }[what]
    each = what not in ("the bones' type", "another bone")
    with Slicer(coll)[:, name] as vw:
        vw.update()
        bpy.msgbus.subscribe_rna(key=key, owner=owner, args=(), notify=lambda: None)
        try:
            with Assigned() as assigned:
                vw.update()
            assert assigned.count == (40 if each else 0)
        finally:
            bpy.msgbus.clear_by_owner(owner)
        with Assigned() as assigned:
            vw.update()
        assert assigned.count == 0


test_subscribers_hear.cases = {name: (name,) for name in (
    "bone", "any property of a bone", "a node's type", "the bones' type", "another bone")}


def test_no_bus_no_bulk():
    """Where the message bus is not to be found each is assigned."""
    from rnaslicer import Slicer
    from rnaslicer.blender import subscribers
    ob, find = rig(), subscribers._find
    try:
        subscribers._find = lambda: None
        subscribers.forget()
        with Slicer(ob.pose.bones)[:, "location"] as vw, Assigned() as assigned:
            np.asarray(vw.memcache)[...] = 2
            vw.update()
    finally:
        subscribers._find = find
        subscribers.forget()
    assert assigned.count == 40 and all(tuple(bone.location) == (2, 2, 2) for bone in ob.pose.bones)


def test_discovery_that_lies():
    """What a file says is compared with bpy's assignment before it is used: a wrong place, a setter that does more."""
    from rnaslicer import Slicer
    from rnaslicer.transfer import direct
    ob, span = rig(), direct.DirectRoute._as_assigned
    direct.AS_ASSIGNED.clear()
    try:
        direct.DirectRoute._as_assigned = lambda *args: span(*args) and False
        with Slicer(ob.pose.bones)[:, "location"] as vw, Assigned() as assigned:
            np.asarray(vw.memcache)[...] = 4
            vw.update()
    finally:
        direct.DirectRoute._as_assigned = span
        direct.AS_ASSIGNED.clear()
    assert assigned.count == 40 and all(tuple(bone.location) == (4, 4, 4) for bone in ob.pose.bones)


def test_framed_nodes():
    """5.2 tells a node's location from its frame on, and keeps it without; elements between those that are compared
    are in a frame."""
    from rnaslicer import Slicer
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    frame = tree.nodes.new("NodeFrame")
    frame.location = (50, 60)
    for i in range(60):
        tree.nodes.new("ShaderNodeMath").location = (i, 2 * i)
    for i in (8, 9, 33):
        tree.nodes[i].parent = frame
    for name in ("location", "location_absolute") if VERSION >= (5, 0) else ("location",):
        with Slicer(tree.nodes)[:, name] as vw:
            assert [tuple(row) for row in vw.memcache.tolist()] == [tuple(getattr(node, name)) for node in tree.nodes]
            rows = np.asarray(vw.memcache)
            rows[:] = np.arange(2 * len(rows), dtype=np.float32).reshape(-1, 2)[::-1]
            vw.update()
            written = [tuple(getattr(node, name)) for node in tree.nodes]
            for node, row in zip(tree.nodes, rows.tolist()):
                setattr(node, name, row)
            assert written == [tuple(getattr(node, name)) for node in tree.nodes]


def test_a_frame_appears():
    """Without frames a node's location is what it holds, and 5.2 writes all at once; a frame that comes while a
    wrapper is entered makes bpy tell and assign each."""
    from rnaslicer import Slicer
    tree = bpy.data.node_groups.new("Tree", "ShaderNodeTree")
    for i in range(40):
        tree.nodes.new("ShaderNodeMath").location = (i, 2 * i)
    with Slicer(tree.nodes)[:, "location"] as vw:
        vw.update()
        with Assigned() as assigned:
            np.asarray(vw.memcache)[:] += 3
            vw.update()
        assert assigned.count == 0 and vw.kernel.route == "direct"
        assert [tuple(node.location) for node in tree.nodes] == [(i + 3, 2 * i + 3) for i in range(40)]
        tree.nodes.remove(tree.nodes[39])
        frame = tree.nodes.new("NodeFrame")
        frame.location = (500, 700)
        tree.nodes[21].parent = frame
        theirs = [tuple(node.location) for node in tree.nodes]
        vw.refresh()
        assert [tuple(row) for row in vw.memcache.tolist()] == theirs
        np.asarray(vw.memcache)[:, 1] = np.arange(40)
        vw.update()
        written = [tuple(node.location) for node in tree.nodes]
        for node, ((x, _), y) in zip(tree.nodes, zip(theirs, range(40))):
            node.location = (x, y)
        assert written == [tuple(node.location) for node in tree.nodes]


def test_rows_beside_a_region():
    from rnaslicer import Slicer
    ob = rig()
    for bone in ob.pose.bones:
        bone.location = (1, 1, 1)
    with Slicer(ob.pose.bones)[::-3, "location", "zx"] as vw:
        np.asarray(vw.memcache)[...] = [5, 6]
        vw.update(vw.memcache[2:5, :1])
    moved = {range(40)[::-3][i] for i in (2, 3, 4)}
    wanted = [(1, 1, 5) if i in moved else (1, 1, 1) for i in range(40)]
    assert [tuple(bone.location) for bone in ob.pose.bones] == wanted


def test_linked_are_refused():
    import os
    import tempfile
    from rnaslicer import Slicer
    ob = rig()
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "rig.blend")
        bpy.data.libraries.write(file, {ob})
        bpy.data.objects.remove(ob)
        with bpy.data.libraries.load(file, link=True) as (_, to):
            to.objects = ["Rig"]
        with Slicer(bpy.data.objects["Rig"].pose.bones)[:, "location"] as vw:
            np.asarray(vw.memcache)[...] = 7
            with refused("ReadOnlyError", "Rig", "rig.blend"):
                vw.update()
        assert not any(any(bone.location) for bone in bpy.data.objects["Rig"].pose.bones)


def test_the_page():
    """docs/after-update.md has what rules.py says of updates that are each element's own."""
    from rnaslicer.discovery.child.rules import EACH
    from test_after_update import page
    text = page()
    rows = text[text.index("<!-- each -->") : text.index("<!-- end of each -->")].splitlines()[1:]
    found = [(name.strip("` "), why.strip()) for row in rows for names, why in [row.strip("| ").split("|")]
             for name in names.split(",")]
    assert found == list(EACH.items()), set(found) ^ set(EACH.items())
