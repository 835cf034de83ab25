# tests/memcache/test_assign.py: setattr from buffers, against Python's own loop.
import array
import itertools
import random
import sys
import unittest

import rnaslicer._core as core


class Target:
    """Keeps what it was given; from `refuse` assignments on it raises."""

    given = None
    refuse = None

    def __init__(self, value=None):
        self.__dict__["value"] = value
        self.__dict__["had"] = []

    def __setattr__(self, name, value):
        if self.refuse is not None and self.refuse == len(self.had):
            raise AttributeError(f"no {name}")
        self.had.append(value)
        self.__dict__[name] = value


def numbers(format, count, rng):
    one = {"f": lambda: rng.choice((0.5, -3.25, float("inf"))), "i": lambda: rng.choice((-2**31, 7)),
           "?": lambda: rng.random() < 0.5}[format]
    made = memoryview(bytearray(count * (1 if format == "?" else 4))).cast(format)
    for i in range(count):
        made[i] = one()
    return made


def nested(flat, dims):
    if not dims:
        return next(flat)
    return [nested(flat, dims[1:]) for _ in range(dims[0])]


def plain(value):
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value


class Assign(unittest.TestCase):
    def test_like_a_loop(self):
        rng = random.Random(3)
        for format, dims, count in itertools.product("fi?", ((), (1,), (4,), (2, 3), (2, 2, 2)), (1, 5)):
            size = 1
            for extent in dims:
                size *= extent
            for width in (size, size + 2):
                places = tuple(rng.randrange(width) for _ in range(size))
                values = numbers(format, count * width, rng)
                objects = [Target() for _ in range(count)]
                start = rng.randrange(count)
                done, error = core.assign(objects, "value", values, dims, places, None, start, count)
                self.assertEqual((done, error), (count - start, None))
                for i, one in enumerate(objects):
                    row = values[i * width : (i + 1) * width]
                    wanted = nested(iter([row[p] for p in places]), dims) if i >= start else None
                    self.assertEqual(plain(one.value), wanted, (format, dims, width, i))
                    if i >= start and not dims:
                        self.assertIs(type(one.value), type(row[0]))

    def test_components_that_stay(self):
        objects = [Target((1, 2, 3)), Target([4, 5, 6])]
        values = array.array("i", [10, 20])
        self.assertEqual(core.assign(objects, "value", values, (3,), (-1, 0, -1), None, 0, 2), (2, None))
        self.assertEqual([one.value for one in objects], [[1, 10, 3], [4, 20, 6]])
        short = [Target((1,))]
        done, error = core.assign(short, "value", array.array("i", [1]), (3,), (-1, 0, -1), None, 0, 1)
        self.assertEqual((done, type(error), short[0].value), (0, IndexError, (1,)))

    def test_parts_of_a_matrix_stay(self):
        objects = [Target(((i, 1), [2, 3])) for i in range(2)]
        values = array.array("i", [7, 8, 9, 10])
        self.assertEqual(core.assign(objects, "value", values, (2, 2), (-1, 0, 1, -1), None, 0, 2), (2, None))
        self.assertEqual([plain(one.value) for one in objects], [[[0, 7], [8, 3]], [[1, 9], [10, 3]]])
        for short in (((1, 2), (3,)), ((1, 2),), 5):
            done, error = core.assign([Target(short)], "value", values, (2, 2), (-1, 0, 1, -1), None, 0, 1)
            self.assertEqual((done, type(error)), (0, TypeError if short == 5 else IndexError))

    def test_what_keeps_its_value_has_its_own(self):
        objects = [Target() for _ in range(4)]
        core.assign(objects, "value", array.array("i", range(8)), (2,), (0, 1), None, 0, 4)
        self.assertEqual([one.value for one in objects], [[0, 1], [2, 3], [4, 5], [6, 7]])

    def test_made_objects_and_listed_values(self):
        objects = [Target(), Target()]
        core.assign(objects, "value", array.array("i", range(4)), (1, 2), (0, 1), str, 0, 2)
        self.assertEqual([one.value for one in objects], ["((0, 1),)", "((2, 3),)"])
        values = [object(), {"A"}]
        core.assign(objects, "value", values, (), (), None, 0, 2)
        self.assertTrue(all(one.value is value for one, value in zip(objects, values)))

    def test_an_object_refuses(self):
        objects = [Target() for _ in range(5)]
        objects[3].__dict__["refuse"] = 0
        done, error = core.assign(objects, "value", array.array("i", range(5)), (), (0,), None, 0, 5)
        self.assertEqual((done, type(error), str(error)), (3, AttributeError, "no value"))
        self.assertEqual([one.value for one in objects], [0, 1, 2, None, None])
        self.assertEqual(core.assign(objects[:3], "value", array.array("i", range(3)), (), (0,), len, 0, 3)[0], 0)

    def test_found_anew(self):
        """By steps and an index, or by calls; each right before it is assigned to."""
        class Owner:
            pass
        owner, values = Owner(), array.array("i", range(6))
        owner.groups = {"a": Owner()}
        owner.groups["a"].items = [Target() for _ in range(9)]
        steps, rows = (("attr", "groups"), ("key", "a"), ("attr", "items")), [8, 2, 0, 1, 3, 4]
        self.assertEqual(core.assign_anew((owner, steps, rows, False, ()), "value", values, (), (0,), None, 1, 6), (5, None))
        self.assertEqual([one.value for one in owner.groups["a"].items], [2, 3, 1, 4, 5] + [None] * 4)

        class Replacing(Target):
            def __setattr__(self, name, value):
                owner.groups["a"].items = [Target() for _ in range(4)]
        owner.groups["a"].items[2] = Replacing()
        done, error = core.assign_anew((owner, steps, rows, False, ()), "value", values, (), (0,), None, 1, 6)
        self.assertEqual((done, type(error)), (4, IndexError))
        self.assertEqual([one.value for one in owner.groups["a"].items], [2, 3, None, 4])
        calls = [lambda i=i: owner.groups["a"].items[i] for i in (3, 0, 1)] + [lambda: None]
        done, error = core.assign_anew(calls, "value", [7, 8, 9, 10], (), (), None, 0, 4)
        self.assertEqual((done, type(error)), (3, AttributeError))
        self.assertEqual([one.value for one in owner.groups["a"].items], [8, 9, None, 7])
        for wrong in ((owner, [], rows, False, ()), (owner, steps), (owner, ((1, 2),), rows, False, ()), owner,
                      (owner, steps, 3, False, ()), (owner, steps, rows, False), (owner, steps, rows, False, []),
                      (owner, steps, rows, False, (Owner,))):
            with self.assertRaises(TypeError):
                core.assign_anew(wrong, "value", values, (), (0,), None, 0, 6)
        with self.assertRaises(ValueError):
            core.assign_anew((owner, steps, rows, False, ()), "value", values, (), (0,), None, 0, 7)

    def test_found_anew_after_it_was_read(self):
        """What a part leaves as it is is read first, and a script's getter may take the object away."""
        class Leaving(Target):
            @property
            def pair(self):
                owner.items[:] = [Target() for _ in owner.items]
                return 1, 2

            @pair.setter
            def pair(self, value):
                raise SystemError("assigned to what is gone")

        class Owner:
            items = [Leaving(), Leaving()]
        owner = Owner()
        calls = [lambda i=i: owner.items[i] for i in range(2)]
        values = array.array("i", [7, 8])
        self.assertEqual(core.assign_anew(calls[:1], "pair", values[:1], (2,), (0, -1), None, 0, 1), (1, None))
        self.assertEqual(owner.items[0].pair, [7, 2])

    def test_classes_must_stay_registered(self):
        class Base:
            bl_rna = object()

        class Group(Base):
            bl_rna = object()

        class Unregistering(Target):
            def __setattr__(self, name, value):
                super().__setattr__(name, value)
                del Group.bl_rna
        owner = Base()
        owner.items = [Target(), Unregistering(), Target()]
        finds = owner, (("attr", "items"),), range(3), False, ((Group, Group.bl_rna),)
        done, error = core.assign_anew(finds, "value", array.array("i", range(3)), (), (0,), None, 0, 3)
        self.assertEqual((done, type(error)), (2, ReferenceError))
        self.assertEqual([one.value for one in owner.items], [0, 1, None])

    def test_found_anew_in_an_array(self):
        """Listed once; found by its index again from the moment that the array is another or has another length."""
        class Array(list):
            asked = 0

            def __getitem__(self, index):
                self.asked += index != 0
                return super().__getitem__(index)

        class Element(Target):
            def __setattr__(self, name, value):
                super().__setattr__(name, value)
                self.__dict__.get("then", lambda: None)()

            def as_pointer(self):
                return id(self)

        class Owner:
            pass
        owner, values = Owner(), array.array("i", range(6))
        for change, asked in ((None, 0), (lambda: owner.items.append(Element()), 3),
                              (lambda: setattr(owner, "items", Array(Element() for _ in range(6))), 3)):
            owner.items = Array(Element() for _ in range(6))
            if change:
                owner.items[2].__dict__["then"] = change
                owner.items.asked = 0
            finds = owner, (("attr", "items"),), range(6), True, ()
            self.assertEqual(core.assign_anew(finds, "value", values, (), (0,), None, 0, 6), (6, None))
            self.assertEqual([one.value for one in owner.items][3:6], [3, 4, 5])
            self.assertEqual(owner.items.asked, asked)

    def test_a_list_that_gets_shorter(self):
        objects = [Target() for _ in range(4)]

        class Cutting(Target):
            def __setattr__(self, name, value):
                del objects[2:]
        objects[1] = Cutting()
        done, error = core.assign(objects, "value", array.array("i", range(4)), (), (0,), None, 0, 4)
        self.assertEqual((done, type(error)), (2, IndexError))
        objects[:] = [Cutting() for _ in range(4)]
        values = [[i] for i in range(4)]
        self.assertEqual(core.assign(objects, "value", values, (), (), None, 0, 4)[0], 2)

    def test_wrong_arguments(self):
        objects, values = [Target(), Target()], array.array("i", range(4))
        for arguments in (("value", values, (), (2,), None, 0, 2), ("value", values, (2,), (0,), None, 0, 2),
                          ("value", values, (), (-1,), None, 0, 2), ("value", values, (0,), (), None, 0, 2),
                          ("value", values, (), (0,), None, -1, 2), ("value", values, (), (0,), None, 0, 3),
                          ("value", values, (), (-2,), None, 0, 2), ("value", values[:3], (), (0,), None, 0, 2)):
            with self.assertRaises(ValueError, msg=arguments):
                core.assign(objects, *arguments)
        for arguments in (("value", 5, (), (0,), None, 0, 2), (5, values, (), (0,), None, 0, 2),
                          ("value", values, [], (0,), None, 0, 2), ("value", values, (), ("a",), None, 0, 2)):
            with self.assertRaises(TypeError, msg=arguments):
                core.assign(objects, *arguments)
        with self.assertRaises(TypeError):
            core.assign(tuple(objects), "value", values, (), (0,), None, 0, 2)
        self.assertTrue(all(not one.had for one in objects))

    def test_references(self):
        value, name = object(), "value_of_its_own"
        objects = [Target() for _ in range(3)]
        before = sys.getrefcount(value), sys.getrefcount(objects[0])
        for _ in range(50):
            core.assign(objects, name, [value] * 3, (), (), None, 0, 3)
            core.assign(objects, name, array.array("f", [1] * 6), (2,), (0, 1), None, 0, 3)
            for one in objects:
                one.had.clear()
        self.assertEqual((sys.getrefcount(value), sys.getrefcount(objects[0])), before)


class OneType(unittest.TestCase):
    def test_one_type(self):
        for objects, wanted in (([], True), ([1, 2], True), ([1, True], False), ([Target(), Target()], True), ([1, 2, "a"], False)):
            self.assertIs(core.one_type(objects), wanted, objects)
        with self.assertRaises(TypeError):
            core.one_type((1,))

    def test_other_type(self):
        for objects, types, wanted in (([], (int,), -1), ([1, 2], (int,), -1), ([1, True], (int,), 1), ([None], (int,), 0),
                                       ([1, "a"], (int, str), -1), (["a", "a"], (int, str), 0), ([], (), -1)):
            self.assertEqual(core.other_type(objects, types), wanted, objects)
        for wrong in (((1,), (int,)), ([1], [int]), ([1],), ([1], int)):
            with self.assertRaises(TypeError):
                core.other_type(*wrong)
        for types in ((), (int, int, int)):
            with self.assertRaises(ValueError):
                core.other_type([1, 2], types)


if __name__ == "__main__":
    unittest.main()
