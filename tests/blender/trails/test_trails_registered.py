# tests/blender/trails/test_trails_registered.py: properties that scripts register, of datablocks and behind pointers
"""Native code reads and assigns them by bpy's own getattr and setattr, while what was registered is as it was."""
import random

import bpy

from counted_calls import FROM_LIST, REFRESH, UPDATE, counted
from support import EVERY, refused, same, seed
from trail_ways import natively

PROPERTIES = {"number": (bpy.props.FloatProperty, {"min": -3.0}), "count": (bpy.props.IntProperty, {"max": 50}),
              "flag": (bpy.props.BoolProperty, {}), "place": (bpy.props.FloatVectorProperty, {}),
              "flags": (bpy.props.BoolVectorProperty, {"size": 4})}
PARTS = {"own": (), "group": ("test_group",), "inner": ("test_group", "inner")}


def made(**properties):
    return {name: kind(**{**options, **properties}) for name, (kind, options) in PROPERTIES.items()}


def group(name, **annotations):
    return type(name, (bpy.types.PropertyGroup,), {"__annotations__": annotations})


class Scripted:
    """What an add-on registers of objects, until it is unregistered."""

    def __enter__(self):
        self.inner = group("TestInner", **made())
        bpy.utils.register_class(self.inner)
        self.group = group("TestGroup", inner=bpy.props.PointerProperty(type=self.inner),
                           rows=bpy.props.CollectionProperty(type=self.inner), **made())
        bpy.utils.register_class(self.group)
        bpy.types.Object.test_group = bpy.props.PointerProperty(type=self.group)
        for name, prop in made().items():
            setattr(bpy.types.Object, f"test_{name}", prop)
        return self

    def __exit__(self, *_):
        for name in ("group", *PROPERTIES):
            if f"test_{name}" in bpy.types.Object.bl_rna.properties:
                delattr(bpy.types.Object, f"test_{name}")
        for one in (self.group, self.inner):
            if "bl_rna" in vars(one):
                bpy.utils.unregister_class(one)


def objects(count=9):
    found = [bpy.data.objects.new(f"Scripted{i}", None) for i in range(count)]
    for ob in found:
        bpy.context.scene.collection.objects.link(ob)
    return found


def owner(ob, part):
    for name in PARTS[part]:
        ob = getattr(ob, name)
    return ob


def name_of(part, name):
    return name if PARTS[part] else f"test_{name}"


def told(value):
    return list(value) if hasattr(value, "__len__") else value


def set_at_random(rng, owners, name):
    for one in owners:
        many = len(getattr(one, name)) if hasattr(getattr(one, name), "__len__") else 0
        values = [rng.random() > 0.5 if "flag" in name else rng.randrange(40) for _ in range(max(many, 1))]
        setattr(one, name, values if many else values[0])


def suppliers(obs, part):
    """What leads to the numbers of each of the objects, or of the first: (supplier, items before the name, structs)."""
    scene, names = bpy.context.scene, PARTS[part]
    structs = [owner(ob, part) for ob in obs]
    return {"list": (obs, (EVERY, *names), structs), "one": (obs[0], names, structs[:1]),
            "scene": (scene.objects, (EVERY, *names), [owner(ob, part) for ob in scene.objects]),
            "all": (bpy.data.objects, (EVERY, *names), [owner(ob, part) for ob in bpy.data.objects]),
            "structs": (structs, (EVERY,), structs)}


def test_values(part):
    """Read and written natively, as bpy has them; beyond its range each number is what bpy's own setter makes of it."""
    from rnaslicer import Slicer
    rng = random.Random(seed())
    with Scripted():
        obs = objects()
        for kind, (supplier, items, structs) in suppliers(obs, part).items():
            for short in PROPERTIES:
                name = name_of(part, short)
                for i in range(5):
                    set_at_random(rng, structs, name)
                    with Slicer(supplier)[(*items, name)] as vw:
                        values = [told(getattr(one, name)) for one in structs]
                        same(vw.memcache.tolist(), values[0] if kind == "one" else values, (kind, name))
                        set_at_random(rng, structs, name)
                        (lambda use: natively("refresh", use) if i > 2 else use())(vw.refresh)
                        values = [told(getattr(one, name)) for one in structs]
                        same(vw.memcache.tolist(), values[0] if kind == "one" else values, (kind, name))
                        if "flag" not in name:
                            vw.memcache[...] = rng.choice((7, -9, 60))
                        (lambda use: natively("update", use) if i > 2 else use())(vw.update)
                        wanted = vw.memcache.tolist()
                        kept = [told(getattr(one, name)) for one in structs]
                        for one, value in zip(structs, [wanted] if kind == "one" else wanted):
                            setattr(one, name, value)
                        same(kept, [told(getattr(one, name)) for one in structs], (kind, name))


test_values.cases = {part: (part,) for part in PARTS}


def test_calls(part):
    from rnaslicer import Slicer
    with Scripted():
        obs = objects(30)
        for kind, (supplier, items, _) in suppliers(obs, part).items():
            for short in PROPERTIES:
                use = (*items, name_of(part, short))

                def once(supplier=supplier, use=use):
                    with Slicer(supplier)[use]:
                        pass

                for _ in range(3):
                    once()
                if kind != "structs" or part == "own":  # scripts' own structs Python captures one by one
                    assert counted(once) <= FROM_LIST, (kind, use, counted(once))
                with Slicer(supplier)[use] as vw:
                    calls = counted(vw.refresh), counted(vw.update)
                    assert calls[0] <= REFRESH and calls[1] <= UPDATE, (kind, use, calls)


test_calls.cases = {part: (part,) for part in PARTS}


def known(obs, part, name="number"):
    """Wrappers that native code follows."""
    from rnaslicer import Slicer
    found = []
    for supplier, items, _ in suppliers(obs, part).values():
        for _ in range(4):
            wrapper = Slicer(supplier)[(*items, name_of(part, name))]
            with wrapper:
                pass
        found.append(wrapper)
    return found


def test_unregistered(part):
    """The class or the property goes: nothing behind it is touched, and the loss is told."""
    from rnaslicer import SlicerError
    for what in ("inner", "group", "property"):
        with Scripted() as script:
            obs = objects()
            wrappers = known(obs, part)
            for wrapper in wrappers:
                wrapper.open()
            if what == "property":
                for name in ("test_group", "test_number"):
                    delattr(bpy.types.Object, name)
            else:
                bpy.utils.unregister_class(getattr(script, what))
            alive = part == "own" and what != "property" or part == "group" and what == "inner"
            for wrapper in wrappers:
                for use in (wrapper.refresh, wrapper.update):
                    try:
                        use()
                        assert alive, (part, what)
                    except SlicerError:
                        assert not alive, (part, what)
                wrapper.close()


test_unregistered.cases = {part: (part,) for part in PARTS}


def test_registered_anew(part):
    """Under the same name: as another number, with functions, or as it was."""
    from rnaslicer import Slicer
    calls = []
    forms = {"same": made()["number"], "int": bpy.props.IntProperty(), "vector": bpy.props.FloatVectorProperty(),
             "update": bpy.props.FloatProperty(update=lambda one, context: calls.append(one)),
             "get": bpy.props.FloatProperty(get=lambda one: 4.5, set=lambda one, value: calls.append(value)),
             "narrow": bpy.props.FloatProperty(min=1.0, max=2.0), "text": bpy.props.StringProperty()}
    for form, prop in forms.items():
        with Scripted() as script:
            obs = objects()
            wrappers = known(obs, part)
            for wrapper in wrappers:
                wrapper.open()
            kind = {"own": bpy.types.Object, "group": script.group, "inner": script.inner}[part]
            name = name_of(part, "number")
            if part == "own":
                delattr(kind, name)
                setattr(kind, name, prop)
            else:
                bpy.utils.unregister_class(script.group)
                if part == "inner":
                    bpy.utils.unregister_class(script.inner)
                    script.inner.__annotations__["number"] = prop
                    bpy.utils.register_class(script.inner)
                else:
                    script.group.__annotations__["number"] = prop
                bpy.utils.register_class(script.group)
                bpy.types.Object.test_group = bpy.props.PointerProperty(type=script.group)
            for wrapper, (kind, (supplier, items, structs)) in zip(wrappers, suppliers(obs, part).items()):
                if form in ("int", "vector", "text"):
                    for use in (wrapper.refresh, wrapper.update):
                        with refused("SlicerError"):
                            use()
                else:
                    for one in structs:
                        setattr(one, name, 1.5)
                    wrapper.refresh()
                    got = wrapper.memcache.tolist()
                    values = [getattr(one, name) for one in structs]
                    same(got, values[0] if kind == "one" else values, (form, kind))
                    calls.clear()
                    wrapper.memcache[...] = 9
                    wrapper.update()
                    assert len(calls) == (len(structs) if form in ("update", "get") else 0), (form, kind, calls)
                    same({getattr(one, name) for one in structs}, {{"get": 4.5, "narrow": 2.0}.get(form, 9.0)}, (form, kind))
                wrapper.close()
                if form != "text":
                    for _ in range(4):
                        same(Slicer(supplier)[(*items, name)].read().tolist(),
                             (lambda all_: all_[0] if kind == "one" else all_)([told(getattr(one, name)) for one in structs]))


test_registered_anew.cases = {part: (part,) for part in PARTS}


def test_linked():
    """What is linked is refused, as of Blender's own properties; bpy would lose the write."""
    import tempfile

    from rnaslicer import Slicer
    with Scripted():
        obs = objects(3)
        known(obs, "group")
        with tempfile.TemporaryDirectory() as folder:
            file = f"{folder}/scripted.blend"
            bpy.data.libraries.write(file, {obs[0]})
            with bpy.data.libraries.load(file, link=True) as (_, to):
                to.objects = [obs[0].name]
            for some in ([*obs, to.objects[0]], [to.objects[0]]):
                for _ in range(3):
                    with Slicer(some)[EVERY, "test_group", "number"] as vw:
                        vw.memcache[...] = 5
                        with refused("ReadOnlyError"):
                            vw.update()
            assert [ob.test_group.number for ob in obs] == [0, 0, 0]
            bpy.data.libraries.remove(to.objects[0].library)
