# runtime/rnaslicer/discovery/child/bulk.py: whether one assignment does for a list what one to each element does.
"""RNA runs a property's update at each assignment, for that element. Where the elements' own bits are written and
only the last is assigned, it runs once: enough only if it does nothing that is each element's own. So both are
done, and all memory that belongs to the datablock and all datablocks' tags are compared."""

from .handle import tags
from .memory import Blocks, block_size, pointers, read
from .rules import UNDECLARED, is_each
from .trial import own_bits
from .walk import Place, size_of
from ..found import declaring

HOPS = 2  # from the owner and from the elements
WORD = 8  # bytes
MOST_BLOCKS = 600
TRIES = 3
MOST_ELEMENTS = 24


class Bulk:
    """Compares, and keeps what was found to watch for each list."""

    def __init__(self, probe):
        self.probe = probe
        self.blocks = {}  # path of a list -> Blocks of what belongs to its owner
        self.bases = {}  # type -> property -> type that declares it
        self.told = {}  # (declaring type, property, kind of list) -> what was seen there

    def suffices(self, places, value, found, base):
        """True or False, or None where no list has two elements to tell. `base`: the type that declares the property;
        what a list's types share is seen once."""
        lists = {(place.path.root.as_pointer(), place.path.steps[:-1]): place for place in places
                 if not place.stride and place.path.steps and type(place.path.steps[-1]) is int}
        if not lists:
            return None
        place = next(iter(lists.values()))
        handle = place.handle()
        if handle is None or is_each(handle.element.bl_rna, base, value.name):
            return False
        key = base, value.name, place.path.root.bl_rna.identifier, place.path.steps[-2]
        if key not in self.told:
            found_in = [self.elements(place, value.name, base) for place in lists.values()]
            path, handles = max(found_in, key=lambda one: len(one[1]))
            if len(handles) < 2:
                return None
            self.told[key] = self._told(path, handles, value, found)
        return self.told[key]

    def suffices_without(self, places, value, found, base, at):
        """The same, of the longest list none of whose elements has a pointer at byte `at`."""
        lists = [self.elements(place, value.name, base) for place in places]
        lists = [one for one in lists if len(one[1]) > 1 and not any(
            any((handle.memory() or b"")[at : at + 8]) for handle in one[1])]
        if not lists:
            return None
        path, handles = max(lists, key=lambda one: len(one[1]))
        return not is_each(handles[0].element.bl_rna, base, value.name) and self._told(path, handles, value, found)

    def _told(self, path, handles, value, found):
        originals = [value.read(handle.element) for handle in handles]
        if None in originals:
            return False
        try:
            with Untagged(self.probe) as untagged:
                return all(self._alike(path, part, value, found, untagged) for part in (handles, handles[::-2]))
        finally:
            for handle, original in zip(handles, originals):
                value.write(handle.element, original)

    def elements(self, place, name, base):
        """The list that a place is in, and its elements that have the property."""
        path, handles = place.path.__class__(place.path.root, place.path.steps[:-1]), []
        for i, element in enumerate(path.follow()):
            rna = element.bl_rna if element is not None else None
            if rna is None or len(handles) == MOST_ELEMENTS or name not in rna.properties:
                continue
            if rna.identifier not in self.bases or name not in self.bases[rna.identifier]:
                self.bases.setdefault(rna.identifier, {})[name] = declaring(rna, name)
            handle = Place(path.then(i), rna.identifier).handle()
            if self.bases[rna.identifier][name] == base and handle:
                handles += [] if element.is_property_readonly(name) else [handle]
        return path, handles

    def _alike(self, path, handles, value, found, untagged):
        """Whether the loop and the bulk write leave the same. What differs now and then only is memory that Blender
        has given to something else."""
        always = None
        for _ in range(TRIES):
            others = self._others(path, handles, value, found, untagged)
            if others is None:
                return False
            always = others if always is None else always & others
            if not always:
                return True
        return False

    def _others(self, path, handles, value, found, untagged):
        """Numbers of the blocks in which the two leave something else; None where bpy takes no values."""
        blocks = self._watched(path, handles)
        originals = [value.read(handle.element) for handle in handles]
        wanted = [self.probe.other(value, handle.element) for handle in handles]
        before = blocks.read()
        undeclared = (declaring(handles[0].element.bl_rna, value.name), value.name) in UNDECLARED
        written = {}

        def loop(values):
            return all([value.write(handle.element, flat) for handle, flat in zip(handles, values)])

        def each():
            for handle, flat in zip(handles, wanted):
                if not value.write(handle.element, flat):
                    return False
                for address, mask in own_bits(handle, found).items():
                    written[address] = mask, read(address, 1)
            return True

        def once():
            for address, (mask, byte) in written.items():
                now = read(address, 1)
                self.probe.pokes.write(address, bytes([now[0] & ~mask | byte[0] & mask]))
            return value.write(handles[-1].element, value.read(handles[-1].element))

        seen = []
        for act in (each, each, once):
            untagged.clear()
            if not act():
                return None
            seen.append(_seen(blocks, before, undeclared) + untagged.now())
            if act is not once and not loop(originals):
                return None
        others = {at for at, parts in enumerate(zip(*seen)) if not _same(*parts)}
        if others:  # what was freed meanwhile is nobody's
            still = dict(_reached(_roots(path, handles)))
            others -= {at for at, (address, size) in enumerate(blocks.blocks) if still.get(address) != size}
        return others if loop(originals) else None

    def _watched(self, path, handles):
        key = path.root.as_pointer(), path.steps, tuple(handle.address for handle in handles)
        if key not in self.blocks:
            self.blocks[key] = Blocks(_reached(_roots(path, handles)))
        return self.blocks[key]


def _roots(path, handles):
    """(address, size) of a list's datablock, its owner and its elements."""
    owner = path.__class__(path.root, path.steps[:-1]).follow()
    return ([(struct.as_pointer(), size_of(struct)[0]) for struct in (path.root, owner)]
            + [(handle.address, handle.size) for handle in handles])


def _reached(roots):
    """Blocks of memory behind pointers of some, nearest first."""
    found = {address: size for address, size in roots if size}
    edge = list(found.items())
    for _ in range(HOPS):
        beyond = []
        for address, size in edge:
            for _, target in pointers(read(address, size) or b""):
                length = block_size(target) if target not in found else None
                if length and len(found) < MOST_BLOCKS:
                    found[target] = length
                    beyond.append((target, length))
        edge = beyond
    return list(found.items())


def _seen(blocks, before, undeclared=False):
    """What has become of blocks that were `before`: None, or words by offset. An address of memory that was not
    watched, which is made anew each time, stands for what is there."""
    watched, found = {address for address, _ in blocks.blocks}, []
    for (_, size), old, now in zip(blocks.blocks, before, blocks.read()):
        if now is None or now == old:
            found.append(now and {})
            continue
        words = {}
        for at in range(0, size, WORD):
            word = now[at : at + WORD]
            if word != old[at : at + WORD]:
                target = int.from_bytes(word, "little")
                if target in watched or not (undeclared and read(target, 1)):  # else made anew, of the same
                    words[at] = word if target in watched else _there(target) or word
        found.append(words)
    return found


def _there(target):
    """The bytes at an address but for addresses in them, or None where it is none of an allocation."""
    size = block_size(target) if 1 << 16 < target < 1 << 47 else None
    memory = read(target, size) if size else None
    if not memory:
        return None
    kept = bytearray(memory)
    for at, _ in pointers(memory):
        kept[at : at + WORD] = bytes(WORD)
    return bytes(kept)


def _same(each, again, once):
    """Whether words are as after each loop, where two loops agree (else they count)."""
    if type(each) is not dict:
        return each == again == once
    return once is not None and again is not None and all(
        each.get(at) == once.get(at) or each.get(at) != again.get(at) for at in {*each, *once})


class Untagged:
    """Around assignments: all datablocks are without tags, so that those that come are seen; put back afterwards."""

    def __init__(self, probe):
        self.probe = probe
        first, last = min(tags(), default=0), max(tags(), default=-1)  # one behind the other: DNA_ID.h
        self.places = Blocks((address + first, last + 1 - first) for address in sorted(probe.datablocks) if tags())

    def now(self):
        return self.places.read()

    def clear(self):
        """Takes the tags away; what they were."""
        before = self.now()
        for (address, size), tags_there in zip(self.places.blocks, before):
            if tags_there and any(tags_there):
                self.probe.pokes.write(address, bytes(size))
        return before

    def __enter__(self):
        self.before = self.clear()
        return self

    def __exit__(self, *_):
        for (address, _), before, now in zip(self.places.blocks, self.before, self.now()):
            if before and now and any(before):
                self.probe.pokes.write(address, bytes(a | b for a, b in zip(before, now)))
