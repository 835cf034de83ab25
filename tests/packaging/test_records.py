# tests/packaging/test_records.py: classes of plain values, beside those of Python's that they stand for
import cProfile
import copy
import functools
import pickle
import unittest
from dataclasses import FrozenInstanceError, dataclass
from typing import NamedTuple, Optional

from rnaslicer.basis.records import Frozen, Record, replace


class Told(NamedTuple):
    """A value."""

    name: str
    size: int = 3
    of: Optional[tuple] = None

    def twice(self):
        return 2 * self.size


class Made(Record):
    """A value."""

    name: str
    size: int = 3
    of: Optional[tuple] = None

    def twice(self):
        return 2 * self.size


class Bare(Record):
    first: int


class Leaf(Frozen):
    path: str
    rows: Optional[int]
    exact: bool = False

    moved_by = ""

    @functools.cached_property
    def long(self):
        return self.path * 2


class Inner(Leaf):
    moved_by = "inner"

    deep: tuple = ()


@dataclass(frozen=True)
class Told2:
    path: str
    rows: Optional[int]
    exact: bool = False


class Records(unittest.TestCase):
    def test_as_a_named_tuple(self):
        for given, named in ((("a",), {}), (("a", 4), {}), (("a", 4, ()), {}), ((), {"name": "a"}), (("a",), {"of": ()}),
                             ((), {"of": (1,), "name": "b", "size": 0})):
            made, told = Made(*given, **named), Told(*given, **named)
            self.assertEqual((tuple(made), made.name, made.size, made.of, made.twice(), hash(made)),
                             (tuple(told), told.name, told.size, told.of, told.twice(), hash(told)))
            self.assertEqual(repr(made), repr(told).replace("Told", "Made"))
            self.assertEqual(made._replace(size=9), told._replace(size=9))
            self.assertIs(type(made._replace(size=9)), Made)
            self.assertEqual((made._asdict(), made._fields), (told._asdict(), told._fields))
            for again in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made)), Made._make(made)):
                self.assertEqual((again, type(again)), (made, Made))
            self.assertEqual(made, tuple(made))

    def test_what_is_no_value_of_it(self):
        for given, named in (((), {}), (("a", 1, (), 2), {}), (("a",), {"name": "b"}), (("a",), {"other": 1}),
                             ((), {"size": 2})):
            for kind in (Made, Told):
                with self.assertRaises(TypeError):
                    kind(*given, **named)
        for kind in (Made, Told):
            with self.assertRaises((TypeError, ValueError)):
                kind("a")._replace(other=1)
            with self.assertRaises(AttributeError):
                kind("a").size = 2
            with self.assertRaises(AttributeError):
                kind("a").other = 2
        with self.assertRaises(TypeError):
            Made._make([])

    def test_it_takes_no_more_calls(self):
        """As cProfile counts them: what a call of ours costs is counted so."""
        def calls(do):
            profile = cProfile.Profile()
            profile.runcall(do)
            return sum(entry.callcount for entry in profile.getstats())
        for make in (lambda kind: kind("a", 2), lambda kind: kind("a", of=()), lambda kind: kind(name="b")):
            self.assertEqual(calls(lambda: make(Made)), calls(lambda: make(Told)))
        for made, told in ((Made("a"), Told("a")),):
            self.assertLessEqual(calls(lambda: made._replace(size=1)), calls(lambda: told._replace(size=1)))
        self.assertLess(calls(lambda: Leaf("a", 1)), 9)

    def test_it_is_as_small(self):
        self.assertFalse(hasattr(Made("a"), "__dict__"))
        self.assertEqual(Made("a").__sizeof__(), Told("a").__sizeof__())
        self.assertEqual((Made.__doc__, Bare(1).first), ("A value.", 1))
        self.assertIs(type(Made), type)

    def test_as_a_frozen_dataclass(self):
        for given, named in ((("a", 1), {}), (("a",), {"rows": 2}), ((), {"rows": None, "path": "b", "exact": True})):
            made, told = Leaf(*given, **named), Told2(*given, **named)
            self.assertEqual((made.path, made.rows, made.exact), (told.path, told.rows, told.exact))
            self.assertEqual((made, hash(made)), (Leaf(*given, **named), hash(Leaf(*given, **named))))
            self.assertNotEqual(made, told)
            self.assertNotEqual(made, replace(made, path="other"))
            self.assertEqual(repr(made), repr(told).replace("Told2", "Leaf"))
        for kind in (Leaf, Told2):
            for given, named in (((), {}), (("a",), {}), (("a", 1, True, 2), {}), (("a", 1), {"path": "b"}),
                                 (("a", 1), {"other": 1})):
                with self.assertRaises(TypeError):
                    kind(*given, **named)
            with self.assertRaises((AttributeError, FrozenInstanceError)):
                kind("a", 1).path = "b"
            with self.assertRaises((AttributeError, FrozenInstanceError)):
                del kind("a", 1).path

    def test_one_made_from_another(self):
        inner = Inner("a", 1, deep=(2,))
        self.assertEqual((inner.path, inner.rows, inner.exact, inner.deep, inner.moved_by), ("a", 1, False, (2,), "inner"))
        self.assertEqual(Inner("a", 1, True, (3,)).deep, (3,))
        self.assertNotEqual(Leaf("a", 1), Inner("a", 1))
        self.assertNotEqual(inner, replace(inner, deep=()))
        self.assertEqual(Leaf._fields, ("path", "rows", "exact"))

    def test_what_was_computed_is_computed_anew(self):
        leaf = Leaf("a", 1)
        self.assertEqual((leaf.long, leaf.long, replace(leaf, path="b").long), ("aa", "aa", "bb"))
        self.assertEqual(leaf, Leaf("a", 1))
        with self.assertRaises(TypeError):
            replace(leaf, other=1)


if __name__ == "__main__":
    unittest.main()
