# runtime/rnaslicer/expression/counted.py: arrays that bpy counts one by one at each len().
"""`len(lattice.points)` takes bpy 20 ns for each point, and so do the end and, on 3.4 and 4.3, the middle by
index: rna_lattice.cc gives the collection no function for its length (nor, there, for an index). A transfer takes
less. But a slice of an array skips to its start in one step (RNA_property_collection_skip), and tells by what it
gives whether the array goes on; native code asks so, too (trail/follow.hpp). Of bpy's other collections without such
functions none is an array of many.
"""

from ..supplier.identity import Path


class CountedPath(Path):
    """The way to such a collection; remembers its last length to ask for it quickly."""

    __slots__ = ("length",)
    counts = True

    def __init__(self, root, steps, length):
        super().__init__(root, steps)
        self.length = length

    def like(self, path, length):
        """Another such way, to a collection of that length."""
        return CountedPath(path.root, path.steps, length)

    def follow(self):
        """The collection now, as a `Counted`."""
        return Counted(super().follow(), self.length)


class Counted:
    """bpy's collection, which it reads and writes; `len` is quick while there are `expected` elements."""

    __slots__ = ("_coll", "_expected")

    def __init__(self, coll, expected):
        self._coll, self._expected = coll, expected

    def __len__(self):
        last = self._expected - 1
        if last >= 0 and len(self._coll[last : last + 2]) == 1:
            return self._expected
        return len(self._coll)

    def __getitem__(self, key):
        if not isinstance(key, int):
            return self._coll[key]
        at = key if key >= 0 else key + len(self)
        found = self._coll[at : at + 1] if at >= 0 else ()
        if not found:
            raise IndexError(f"index {key} of {len(self)} elements")
        return found[0]

    def __iter__(self):
        return iter(self._coll)

    def __repr__(self):
        return repr(self._coll)

    def __getattr__(self, name):
        return getattr(self._coll, name)


def quick(path, coll):
    """(path, collection) with quick ways to length and elements where bpy has none, else as they are."""
    if path.steps[-1:] != (("attr", "points"),) or type(coll.data).__name__ != "Lattice":
        return path, coll
    length = len(coll)
    return CountedPath(path.root, path.steps, length), Counted(coll, length)
