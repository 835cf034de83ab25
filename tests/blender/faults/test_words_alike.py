# tests/blender/faults/test_words_alike.py: a refusal is of one type and in one text, however often all was asked before
"""Each use of each expression, before and after something happened to its data, where nothing is known of it and where a
trail is, once and again."""
import re
import threading

import bpy
import numpy as np

import words_pointers  # noqa: F401  (its scenes are among these)
from words_scenes import SCENES


def forget():
    from rnaslicer.entered import again
    from rnaslicer.transfer import trails
    trails.forget_all()
    again._kept.clear()


def in_a_thread(use):
    raised = []

    def run():
        try:
            use()
        except Exception as error:
            raised.append(error)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    for error in raised:
        raise error


def read_only(values):
    found = values.copy()
    found.flags.writeable = False
    return found


ENTERED = {
    "refresh": lambda vw, like: vw.refresh(), "update": lambda vw, like: vw.update(), "changes": lambda vw, like: vw.changes(),
    "refresh a part": lambda vw, like: vw.refresh(vw.memcache[:1]), "update a part": lambda vw, like: vw.update(vw.memcache[:1]),
    "refresh a copy": lambda vw, like: vw.refresh(np.array(vw.memcache)), "update a copy": lambda vw, like: vw.update(np.array(vw.memcache)),
    "update a cast": lambda vw, like: vw.update(memoryview(vw.memcache).cast("B")), "update no buffer": lambda vw, like: vw.update(7),
    "update nothing": lambda vw, like: vw.update(vw.memcache[:0]),
    "read": lambda vw, like: vw.read(), "read a wrong shape": lambda vw, like: vw.read(np.empty((3, 2), "f")),
    "write a wrong shape": lambda vw, like: vw.write(np.zeros((3, 2), "f")), "write": lambda vw, like: vw.write(like),
    "enter": lambda vw, like: vw.__enter__(), "in a thread": lambda vw, like: in_a_thread(vw.refresh),
    "readonly": lambda vw, like: vw.readonly, "supplier": lambda vw, like: vw.supplier is None,
}
ONCE = {
    "enter": lambda vw, like: (vw.__enter__(), vw.__exit__(None, None, None))[1], "read": lambda vw, like: vw.read(),
    "read into": lambda vw, like: vw.read(like.copy()), "read doubles": lambda vw, like: vw.read(like.astype("d")),
    "read a wrong shape": lambda vw, like: vw.read(np.empty((3, 2), "f")), "read flat": lambda vw, like: vw.read(like.reshape(-1).copy()),
    "read longer": lambda vw, like: vw.read(np.concatenate([like, like])), "read texts": lambda vw, like: vw.read(np.empty(like.shape, "S4")),
    "read strange numbers": lambda vw, like: vw.read(np.empty(like.shape, "c8")), "read swapped": lambda vw, like: vw.read(np.empty(like.shape, ">f4")),
    "read into what is read-only": lambda vw, like: vw.read(read_only(like)), "read into a list": lambda vw, like: vw.read([1.0]),
    "write": lambda vw, like: vw.write(like), "write doubles": lambda vw, like: vw.write(like.astype("d")),
    "write longer": lambda vw, like: vw.write(np.concatenate([like, like])), "write flat": lambda vw, like: vw.write(like.reshape(-1)),
    "write longer rows apart": lambda vw, like: vw.write(np.repeat(like, 4, 0)[::2]), "write a list": lambda vw, like: vw.write([1.0]),
    "shape": lambda vw, like: vw.shape, "readonly": lambda vw, like: vw.readonly,
}


def told(use, *arguments):
    """The error that it raises, without times; else what it gives."""
    try:
        found = use(*arguments)
    except Exception as error:
        assert type(error).__module__ == "rnaslicer.errors", repr(error)
        text = "".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
        return re.sub(r"(at|between) [0-9:]{8}( and [0-9:]{8})?", "then", text)
    return str(np.asarray(found).tolist()) if type(found).__name__ in ("MemCache", "ndarray") else str(found)


def wrappers(scene, count):
    from rnaslicer import Slicer
    return [Slicer(scene.supplier(), **scene.options)[scene.items] for _ in range(count)]


def warm(scene, like):
    """Until trails are known, of each kind of use."""
    for _ in range(2):
        (vw,) = wrappers(scene, 1)
        with vw:
            for use in (vw.refresh, vw.update, lambda: vw.update(vw.memcache[:1])):
                told(use)
        for values in (like, like.astype("d")):
            for use in (vw.read, vw.write):
                told(use, values.copy())


def rows(name, what, known):
    """What each use tells, twice."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = SCENES[name]()
    with wrappers(scene, 1)[0] as vw:
        like = np.array(vw.memcache)
    forget()
    if known:
        warm(scene, like)
    entered = wrappers(scene, len(ENTERED))
    for vw in entered:
        if not known:
            forget()
        vw.__enter__()
    once = wrappers(scene, len(ONCE))
    if what is not None:
        scene.changes[what]()
    found = {}
    for kind, uses, those in (("entered", ENTERED, entered), ("once", ONCE, once)):
        for vw, (use, function) in zip(those, uses.items()):
            if not known:
                forget()
            found[kind, use] = [told(function, vw, like) for _ in range(2)]
    for vw in entered:
        vw.__exit__(None, None, None)
    if bpy.context.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    return found


def test_words(name):
    for what in (None, *SCENES[name]().changes):
        first, later = rows(name, what, False), rows(name, what, True)
        for use in first:
            found = {*first[use], *later[use]}
            # What one change tells is told once.
            assert len(found) == 1 or use == ("entered", "changes") and first[use] == later[use], (
                "\n".join([f"{name}, {what}, {use}:", *first[use], "with a trail:", *later[use]]))


test_words.cases = {name: (name,) for name in SCENES}
test_words.learning_may_fail = True  # half-changed data, on purpose
