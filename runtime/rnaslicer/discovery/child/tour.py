# runtime/rnaslicer/discovery/child/tour.py: the way of a discovery run through scratch data, and what it says of it.
"""Findings go to a file, one JSON line each, as they come: a crash costs one property."""

import collections
import json
import os
import random
import time

from . import bulk, colors, match, memory, probe, rules, same, values, walk
from .. import found
from ..scene import groups as scene


TIMES = 2  # groups in which the same property of one type is probed: they may contradict each other


class Tour:
    """One run through the groups."""

    def __init__(self, output, request):
        self.output = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.skip, self.done = set(request["skip"]), set(request["done"])
        self.seconds = request["seconds"]
        self.tables_said = set()
        self.looked = collections.Counter()
        self.found, self.vain = collections.defaultdict(set), {}  # (declaring type, property) -> storages; places
        self.others = collections.defaultdict(list)  # the same -> places where a storage was found
        self.excepted = {}  # the same -> what `unless` gave first

    def say(self, **line):
        os.write(self.output, json.dumps(line).encode() + b"\n")

    def out_of_time(self):
        return time.process_time() > self.seconds

    def groups(self):
        import bpy

        self.bpy = bpy
        self.tables = colors.Tables()
        self.rng = random.Random(4711)
        self.probe = probe.Probe(memory.Pokes(), self.rng, self.tables)
        self.bulk = bulk.Bulk(self.probe)
        left = []
        self.same()  # quick, and what most people move
        for name, build in scene.GROUPS.items():
            if name in self.done or f"group:{name}" in self.skip:
                continue
            if self.out_of_time():
                left.append(name)
                continue
            self.say(group=name)
            started = time.monotonic()
            try:
                roots = build(self.rng)
            except Exception as error:  # another build may lack what this group needs
                self.say(trouble=f"{name}: {type(error).__name__}: {error}"[:300])
                self.say(done=name)
                continue
            if not self.group(roots):
                left.append(name)
            else:
                self.say(done=name, seconds=round(time.monotonic() - started, 3))
        self.main_lists()
        self.say(end=True, left=left)

    def group(self, roots):
        reached = walk.Walk(self.bpy.types.ID)
        for root in roots:
            reached.add(*root) if type(root) is tuple else reached.add(root)
        self.say_lists(reached.lists)
        self.probe.datablocks = {i.as_pointer() for i in self.datablocks()}
        for kind, places in reached.places.items():
            if not self.type(kind, places):
                return False
        self.contradictions()
        return True

    def contradictions(self):
        """Says of which properties some types' storage is not what bpy gives for others (5.2 keeps a node's
        location without its frame's)."""
        for (base, name), places in self.vain.items():
            places = [p for p in places if is_listed(p)]
            if not places or not any(one.hop is None for one in self.found.get((base, name), ())):
                continue
            self.say(trying=f"{places[0].kind}.{name}")
            self.vary(places, name)
            handles = [h for p in places for h in (p.handle(),) if h]
            found = [one for one in self.found[base, name] if one.hop is None]
            if any(self.differing(one, handles, name) for one in found):
                self.say(denied=[base, name, None, None])  # which stays, whatever becomes of the rest
                told = self.unless(found, places, name, base)
                if self.excepted.setdefault((base, name), told) == told:  # no group contradicts another
                    self.say(denied=[base, name, *told])
        self.vain.clear()

    def unless(self, found, places, name, base):
        """(byte of the one pointer that elements with other values have and no others, whether a list without it may
        be written at once); None, None where there is none such."""
        if len(found) != 1:
            return None, None
        lists = {(p.path.root.as_pointer(), p.path.steps[:-1]): p for p in places + self.others[base, name]}
        handles = [handle for p in lists.values() for handle in self.bulk.elements(p, name, base)[1]]
        other = self.differing(found[0], handles, name)
        if not other:
            return None, None
        others = {handle.address for handle in other}
        at = set(range(0, min(handle.size for handle in handles) - 7, 8))
        for handle in handles:
            is_other, memory = handle.address in others, handle.memory()
            at = {i for i in at if any(memory[i : i + 8]) == is_other}
        if len(at) != 1:
            return None, None
        (at,) = at
        return at, self.bulk.suffices_without(lists.values(), values.Value(handles[0].element.bl_rna, name),
                                              found[0], base, at)

    def vary(self, places, name):
        """Other values for all elements of the lists that places are in: what one has may depend on another."""
        lists = {(p.path.root.as_pointer(), p.path.steps[:-1]): p.path for p in places}
        for path in lists.values():
            for element in walk.Path(path.root, path.steps[:-1]).follow():
                if element is not None and name in element.bl_rna.properties:
                    value = values.Value(element.bl_rna, name)
                    value.write(element, value.random(self.rng))

    def differing(self, one, handles, name):
        """The elements that have other values than a storage says."""
        found = []
        for handle in handles:
            value = values.Value(handle.element.bl_rna, name)
            memory, flat = handle.memory(), value.read(handle.element)
            if memory and flat and not match.explains(one, [(memory, flat)], value.type, value.count, self.tables):
                found.append(handle)
        return found

    def datablocks(self):
        for prop in self.bpy.data.bl_rna.properties:
            if prop.type == "COLLECTION":
                yield from getattr(self.bpy.data, prop.identifier)

    def type(self, kind, places):
        first = next((h for p in places for h in (p.handle(),) if h), None)
        if first is None:
            return True
        for name, readonly in walk.numeric_names(first.element.bl_rna).items():
            if f"{kind}.{name}" in self.skip:
                continue
            if self.out_of_time():
                return False
            self.property(kind, name, readonly, places, first)
        return True

    def property(self, kind, name, readonly, places, first):
        if (rule := rules.rule(first.element.bl_rna, name, first.stride)) == "leave":
            return
        if self.looked[kind, name] == TIMES:
            return
        self.looked[kind, name] += 1
        handles = [h for p in places for h in (p.handle(),) if h]
        if any(h.stride for h in handles):  # else parts of arrays that do not start an allocation
            handles = [h for h in handles if h.stride]
        # Different ones first: what several share, or a default, tells nothing apart.
        handles = handles[:1] + handles[:0:-1]
        if len({h.address for h in handles}) < 2:
            return
        self.say(trying=f"{kind}.{name}")
        readonly = readonly or rule == "read" or any(h.element.is_property_readonly(name) for h in handles)
        declaring = found.declaring(first.element.bl_rna, name)
        try:
            result = self.probe.find(handles, name, readonly)
            if result is not None and result.writes and not first.stride:
                value = values.Value(first.element.bl_rna, name)
                result = result._replace(bulk=self.bulk.suffices(places, value, result, declaring))
        except Exception as error:
            self.say(trouble=f"{kind}.{name}: {type(error).__name__}: {error}"[:300])
            return
        if result is None and not readonly:
            self.say(nothing=[kind, declaring, name])
            self.vain.setdefault((declaring, name), []).extend(places)
        if result is not None:
            for table in result.lookups:
                if table not in self.tables_said:
                    self.tables_said.add(table)
                    self.say(table=table, values=self.tables[table])
            self.found[declaring, name].add(result.storage)
            self.others[declaring, name] += [place for place in places if is_listed(place)]
            self.say(found=[kind, declaring, name, result])

    def say_lists(self, lists):
        for (owner, name), is_list in lists.items():
            self.say(list=[owner, name], seen=is_list)

    def same(self):
        """What other layers hold; once, whatever crashed before."""
        if "same" in self.done or "group:same" in self.skip:
            return
        self.say(group="same")
        try:
            for element, name in same.confirmed(self.probe.pokes, self.rng):
                self.say(same=[element, name])
        except Exception as error:
            self.say(trouble=f"same: {type(error).__name__}: {error}"[:300])
        self.say(done="same")

    def main_lists(self):
        """bpy.data's own collections, now that there is something in them."""
        data = self.bpy.data
        reached = walk.Walk(self.bpy.types.ID)
        for prop in data.bl_rna.properties:
            if prop.type == "COLLECTION" and prop.identifier != "all_ids":
                coll = getattr(data, prop.identifier)
                reached.look_at_list(("BlendData", prop.identifier), coll, len(coll))
        self.say_lists(reached.lists)


def is_listed(place):
    """Whether it is an element of a collection, of those that are no array."""
    return not place.stride and bool(place.path.steps) and type(place.path.steps[-1]) is int
