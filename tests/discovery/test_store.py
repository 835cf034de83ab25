# tests/discovery/test_store.py: results of discovery on disk: private, whole, of this build, or ignored
"""Without Blender."""
import json
import os
import random
import stat
import tempfile
import unittest
import unittest.mock
from pathlib import Path

from rnaslicer.discovery import store
from rnaslicer.basis import proposed
from rnaslicer.discovery.found import PLACES, Found, Known, merge

BUILD = "0123456789abcdef0123456789abcdef"
TABLE = ([i / 255 for i in range(256)], [(i + 0.5) / 255 for i in range(255)], 0)


def example():
    storages = {("Keyframe", "co"): (Found("f32", 12, steps=(0, 4), writes=True, size=72),),
                ("FCurve", "hide"): (Found("u8", 76, "flag", 1, True, writes=True),),
                ("Object", "lock_scale"): (Found("u16", 108, "flag", 64, steps=(0, 0, 0), masks=(64, 128, 256)),),
                ("Object", "matrix_world"): (Found("f32", 0, steps=tuple(range(0, 64, 4)), hop=1152),),
                ("Color", "color"): (Found("u8", 0, "lookup", steps=(0, 1, 2, 3), size=4, lookup="a a a b"),)}
    return Known(storages, [("Object", "modifiers")], {"a": TABLE, "b": TABLE}, True, ["group:x"],
                 [("MeshVertex", "select"), (PLACES, "raw_place: 8 12 0 2")])


def rewritten(data, change):
    """A file's bytes after `change(content)`, with a checksum that fits. content: the head, and "named": what the lines
    say of tables and of element types, by name."""
    magic, _, body = data.split(b"\n", 2)
    head, *lines = body.decode().rstrip("\n").split("\n")
    content = json.loads(head)
    pairs = [map(json.loads, line.split("\t")) for line in lines]
    count = content["tables"]
    content["named"] = {"tables": dict(pairs[:count]), "types": dict(pairs[count:])}
    change(content)
    named = content.pop("named", None)
    lines = [content]
    for part in named.values() if type(named) is dict else ():
        lines += part.items() if type(part) is dict else [(part,)]
    body = "\n".join("\t".join(map(json.dumps, line)) if type(line) is tuple else json.dumps(line) for line in lines)
    return b"\n".join([magic, store._checksum(body.encode()).encode(), body.encode(), b""])


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.join(folder.name, "kernels", "discovery")
        self.data = store.encode(BUILD, example())

    def save(self):
        store.save(self.folder, BUILD, self.data)
        return Path(self.folder, store.file_name(BUILD))

    def test_there_and_back(self):
        path = self.save()
        found = store.load(self.folder, BUILD)
        self.assertEqual(found.storages, example().storages)
        self.assertEqual((set(found.lists), found.tables), ({("Object", "modifiers")}, example().tables))
        self.assertEqual(found.equivalents, {("MeshVertex", "select"), (PLACES, "raw_place: 8 12 0 2")})
        self.assertEqual(found.places, {"raw_place": "8 12 0 2"})
        self.assertEqual((found.complete, found.skipped), (True, ("group:x",)))
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(path.parent.stat().st_mode), 0o700)
        self.assertEqual([p.name for p in path.parent.iterdir()], [path.name])  # no temporary is left

    def test_nothing_there(self):
        self.assertIsNone(store.load(self.folder, BUILD))
        self.assertFalse(os.path.exists(self.folder))

    def test_another_build(self):
        path = self.save()
        other = BUILD[::-1]
        path.rename(path.with_name(store.file_name(other)))
        self.assertIsNone(store.load(self.folder, other))

    def test_open_to_others(self):
        path = self.save()
        for target, mode in ((path, 0o620), (path, 0o602), (path.parent, 0o770), (path.parent, 0o707)):
            usual = stat.S_IMODE(target.stat().st_mode)
            target.chmod(mode)
            self.assertIsNone(store.load(self.folder, BUILD), (target, oct(mode)))
            target.chmod(usual)
            self.assertIsNotNone(store.load(self.folder, BUILD))

    @unittest.skipUnless(os.geteuid() == 0, "only root can give files away")
    def test_of_another_owner(self):
        path = self.save()
        for target in (path, path.parent):
            os.chown(target, 12345, -1)
            self.assertIsNone(store.load(self.folder, BUILD), target)
            os.chown(target, 0, -1)
            self.assertIsNotNone(store.load(self.folder, BUILD))

    def test_links_and_pipes(self):
        path = self.save()
        away = path.with_name("away")
        path.rename(away)
        path.symlink_to(away)
        self.assertIsNone(store.load(self.folder, BUILD))
        path.unlink()
        os.mkfifo(path, 0o600)
        self.assertIsNone(store.load(self.folder, BUILD))  # and does not wait
        path.unlink()
        path.mkdir()
        self.assertIsNone(store.load(self.folder, BUILD))
        path.rmdir()
        away.rename(path)
        moved = path.parent.with_name("moved")
        path.parent.rename(moved)
        os.symlink(moved, self.folder)
        self.assertIsNone(store.load(self.folder, BUILD))
        with self.assertRaises(OSError):
            store.save(self.folder, BUILD, self.data)

    def test_not_written_where_others_write(self):
        self.save()
        os.chmod(self.folder, 0o777)
        with self.assertRaises(OSError):
            store.save(self.folder, BUILD, self.data)

    def test_room_for_what_is_there(self):
        """Python makes room for as many bytes as a read asks for, which takes longer than all else."""
        self.save()
        asked = []

        def opened(fd, mode):
            file = open(fd, mode)
            return unittest.mock.Mock(wraps=file, __enter__=lambda _: file_of(file), __exit__=lambda *_: file.close())

        def file_of(file):
            return unittest.mock.Mock(read=lambda count: (asked.append(count), file.read(count))[1])

        with unittest.mock.patch.object(store, "open", opened, create=True):
            self.assertEqual(store.load_bytes(self.folder, BUILD), self.data)
        self.assertEqual(asked, [len(self.data) + 1])

    def test_too_large(self):
        path = self.save()
        with open(path, "ab") as file:
            file.truncate(store.LARGEST_FILE + 1)
        self.assertIsNone(store.load(self.folder, BUILD))


class Contents(unittest.TestCase):
    def setUp(self):
        self.data = store.encode(BUILD, example())

    def test_every_truncation(self):
        for length in range(0, len(self.data), 7):
            self.assertIsNone(store.decode(self.data[:length], BUILD))
        self.assertIsNone(store.decode(self.data + b"x", BUILD))

    def test_any_byte(self):
        rng = random.Random(1)
        for _ in range(500):
            at, bit = rng.randrange(len(self.data)), 1 << rng.randrange(8)
            broken = bytearray(self.data)
            broken[at] ^= bit
            self.assertIsNone(store.decode(bytes(broken), BUILD), at)

    def test_malformed_values(self):
        """The checksum fits, as a stranger's would."""
        def types(content):
            return content["named"]["types"]
        def first(content):
            return types(content)["Keyframe"]["co"][0]
        fields = Found._fields
        for name, value in (("scalar", "f16"), ("scalar", 5), ("offset", -1), ("offset", 1 << 20), ("offset", True),
                            ("offset", 1.0), ("offset", None), ("decode", "through"), ("mask", 1), ("inverted", 0),
                            ("steps", []), ("steps", [0, 1 << 20]), ("steps", [0, -13]), ("steps", [0] * 65),
                            ("steps", "ab"), ("masks", [1, 2]), ("hop", -8), ("hop", 1 << 30), ("hop", "x"),
                            ("writes", 1), ("size", 8), ("size", -1), ("lookup", "a"), ("lookup", 1), ("how", ""),
                            ("bulk", 1), ("bulk", "x")):
            def change(content, name=name, value=value):
                first(content)[fields.index(name)] = value
            found = store.decode(rewritten(self.data, change), BUILD)
            self.assertIsNone(found.storages.get(("Keyframe", "co")), (name, value))
            self.assertNotIn(("Keyframe", "co"), set(found.storages), (name, value))
            self.assertEqual(len(found), len(example()) - 1)
        for change in (lambda c: c.update(build="x"), lambda c: c.update(more=1), lambda c: c.pop("lists"),
                       lambda c: c.update(lists=[["a"]]), lambda c: c.update(lists=[[1, 2]]),
                       lambda c: c.update(equivalents=[["a", 2]]), lambda c: c.update(equivalents=5),
                       lambda c: c.update(complete=1), lambda c: c.update(skipped="x"),
                       lambda c: c.update(tables=[]), lambda c: c.update(tables=-1), lambda c: c.update(tables=99),
                       lambda c: c["named"].update(types=7)):
            self.assertIsNone(store.decode(rewritten(self.data, change), BUILD))
        for change in (lambda c: types(c)["Keyframe"].update(b=[]), lambda c: types(c).update(Keyframe=7),
                       lambda c: types(c).update(Keyframe={"co": 5}), lambda c: types(c).update(Keyframe={"co": [5]}),
                       lambda c: first(c).append(1), lambda c: c.update(tables=1), lambda c: c.update(tables=0)):
            found = store.decode(rewritten(self.data, change), BUILD)
            self.assertTrue(found)
            self.assertTrue(set(found.storages) <= set(example().storages))
            self.assertLessEqual(len(found), len(example()))
        for change in (lambda t: t["a"][0].pop(), lambda t: t["a"][0].__setitem__(3, float("nan")),
                       lambda t: t["a"][1].reverse(), lambda t: t["a"].__setitem__(2, 256), lambda t: t.update(a=None)):
            found = store.decode(rewritten(self.data, lambda c: change(c["named"]["tables"])), BUILD)
            self.assertEqual(set(found.tables), {"b"})
            self.assertNotIn(("Color", "color"), found.storages)  # whose values it tells
            self.assertEqual(len(found), len(example()) - 1)
        self.assertIsNotNone(store.decode(rewritten(self.data, lambda c: None), BUILD))

    def test_random_changes(self):
        """Anything may stand anywhere: never an error, and what is read is well-formed."""
        rng, taken = random.Random(2), 0
        junk = (None, True, 0, -1, 1 << 70, 0.5, float("inf"), "", "u8", "\n", [], [0], {}, [[[]]])

        def spoil(node):
            keys = list(node) if isinstance(node, dict) else range(len(node))
            key = rng.choice(list(keys)) if keys else None
            if key is None or rng.random() < 0.3 or not isinstance(node[key], (dict, list)):
                if key is not None:
                    node[key] = rng.choice(junk)
            else:
                spoil(node[key])
        for _ in range(2000):
            found = store.decode(rewritten(self.data, spoil), BUILD)
            if found is not None:
                taken += 1
                for key, several in found.storages.items():
                    for f in several:
                        store.finding([key[0], key[0], key[1], list(f)])
        self.assertLess(taken, 2000)


    def test_lines(self):
        """A name that stands twice, or otherwise than it is written, or is none."""
        magic, _, body = self.data.split(b"\n", 2)
        lines = body.rstrip(b"\n").split(b"\n")
        keyframe, = (i for i, line in enumerate(lines) if b"Keyframe" in line)
        for change, taken in (((lines[keyframe],), None), ((lines[keyframe] + b"\t",), None), ((b"{",), None),
                              ((b"",), None), ((b"x\t{}", b"[]\t{}", b"7\t{}"), 5), ((b'"x"\t' + b"[" * 100_000,), 5),
                              ((lines[keyframe].replace(b"Key", b"\\u004bey"),), 5), ((b"\xff\t{}",), None)):
            body = b"\n".join([*lines, *change])
            found = store.decode(b"\n".join([magic, store._checksum(body).encode(), body, b""]), BUILD)
            self.assertEqual(None if found is None else len(found), taken, change[0][:40])
            self.assertTrue(taken is None or found.storages == example().storages)


class Merging(unittest.TestCase):
    CO, OTHER = Found("f32", 4, writes=True), Found("f32", 8, writes=True)

    def test_what_types_agree_in_is_their_base_types(self):
        found = merge([("A", "Base", "x", self.CO), ("B", "Base", "x", self.CO._replace(writes=False))])
        self.assertEqual(found, {("Base", "x"): (self.CO._replace(writes=False),)})

    def test_one_derived_type_does_not_speak_for_all(self):
        self.assertEqual(merge([("A", "Base", "x", self.CO)]), {("A", "x"): (self.CO,)})

    def test_each_its_own(self):
        found = merge([("A", "Base", "x", self.CO), ("B", "Base", "x", self.OTHER)])
        self.assertEqual(found, {("A", "x"): (self.CO,), ("B", "x"): (self.OTHER,)})

    def test_contradictions_are_dropped(self):
        self.assertEqual(merge([("A", "A", "x", self.CO), ("A", "A", "x", self.OTHER)]), {})

    def test_a_pointer_that_leads_there_sometimes_only(self):
        hop = self.CO._replace(hop=16)
        self.assertEqual(merge([("A", "A", "x", hop)], {("A", "A", "x")}), {})
        self.assertEqual(merge([("A", "A", "x", hop)]), {("A", "x"): (hop,)})

    def test_what_one_list_refutes_none_does_in_bulk(self):
        """One type's list is enough to tell, either way; no list tells nothing."""
        for told, wanted in (((None, None), None), ((None, True), True), ((True, False), False), ((False, None), False)):
            found = [("A", "A", "x", self.CO._replace(bulk=bulk)) for bulk in told]
            self.assertIs(merge(found)["A", "x"][0].bulk, wanted)

    def test_what_one_type_denies_no_type_has(self):
        lines = [{"found": ["A", "Base", "x", list(self.CO)]}, {"found": ["A", "Base", "y", list(self.CO)]},
                 {"denied": ["Base", "x", None, None]}]
        self.assertEqual(set(store.known_from(lines).storages), {("A", "y")})
        lines[-1] = {"denied": ["Base", "x", 24, True]}  # so where a pointer is null
        self.assertEqual(store.known_from(lines).storages["A", "x"], (self.CO._replace(unless=24, bulk=True),))
        for bad in ([], ["Base"], "Base", [1, 2], ["Base", "x"], ["Base", "x", -1, True], ["Base", "x", 8, 2]):
            with self.assertRaises(ValueError):
                store.known_from([{"denied": bad}])

    def test_sizes(self):
        sizes = [self.CO._replace(size=n) for n in (12, 0, 12)]
        self.assertEqual(merge([("A", "A", "x", f) for f in sizes])["A", "x"][0].size, 12)
        sizes.append(self.CO._replace(size=16))
        self.assertEqual(merge([("A", "A", "x", f) for f in sizes])["A", "x"][0].size, 0)


class Places(unittest.TestCase):
    """What a file says of places, as whoever confirms them gets it."""

    def told(self, *texts):
        known = Known({}, (), {}, equivalents=[(PLACES, text) for text in texts])
        with unittest.mock.patch.object(proposed, "_ask", lambda: known.places):
            return proposed.numbers("a"), proposed.place("a", 64, 8)

    def test_numbers(self):
        for text, numbers, place in (("a: 8", (8,), 8), ("a: 8 16", (8, 16), None), ("a: 4", (4,), None), ("a: 64", (64,), None),
                                     ("a: 56", (56,), 56), ("a: 0", (0,), 0)):
            self.assertEqual(self.told(text), (numbers, place), text)

    def test_what_is_none(self):
        for text in ("", "a", "b: 8", "a: ", "a: -8", "a: 8.0", "a: x", "a: 8 x", "a: " + "9" * 40, "a: \u00b2", "a:8", "a: 0x8"):
            self.assertEqual(self.told(text), ((), None), text)
        with unittest.mock.patch.object(proposed, "_ask", dict):
            self.assertEqual(proposed.numbers("a"), ())


class Identity(unittest.TestCase):
    def test_tells_builds_apart(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "blender")
            path.write_bytes(bytes(300_000))
            os.utime(path, ns=(1, 1))
            one = store.identity(path)
            with open(path, "r+b") as file:  # a build id in the first pages
                file.seek(800)
                file.write(b"another")
            os.utime(path, ns=(1, 1))
            other = store.identity(path)
            os.utime(path, ns=(1, 2))
            found = {one, other, store.identity(path)}
            with open(path, "r+b") as file:  # something far behind
                file.seek(300_000 - 8)
                file.write(b"other")
            os.utime(path, ns=(1, 2))
            self.assertEqual(len({*found, store.identity(path)}), 4)
            self.assertEqual(store.identity(path), store.identity(path))
            self.assertEqual(store.identity(Path(folder, "none")), "")
