# runtime/rnaslicer/discovery/reports.py: what discovery found and what this session proved, to read.
"""Per element type and property: the storage and how it was found; the route and how it was proven."""

import collections

from .handed import handed


class Report:
    """What is known, and what this session proved; prints as two tables.

    rows: (element type, property, storage, how, writes) of everything that discovery found.
    session: (owner.collection, element type, property, route, layout, proof) of everything that was
        entered in this session; layout and proof are '' where bpy itself moves the values.
    element: the type that it is about, or None: all.
    """

    def __init__(self, known, element=None):
        self.known, self.element = known, element
        self.session = [row for row in _session() if element in (None, row[1])]
        self.rows = [(owner, name, str(found), found.how, found.writes)
                     for (owner, name), several in sorted(known.storages.items() if known else ())
                     for found in several if element in (None, owner)]

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        return iter(self.rows)

    def summary(self, run=None):
        """A few lines."""
        if self.known is None:
            return "discovery: nothing is known of this Blender; rnaslicer.discover() examines it"
        if self.element is not None:
            return f"discovery: {len(self)} properties of {self.element}" + (
                "; what RNA declares needs none" if not self.rows else "")
        decodes = collections.Counter(f.decode for several in self.known.storages.values() for f in several)
        kinds = ", ".join(f"{count} {decode}" for decode, count in decodes.most_common())
        direct = sum(writes for *_, writes in self.rows)
        lines = [f"discovery: {len(self)} properties of {len({row[0] for row in self.rows})} element types "
                 f"({kinds}), {direct} of them to be written directly; {len(self.known.lists)} linked lists, "
                 f"{len(self.known.tables)} tables" + (f"; {run.seconds:.1f} s" if run else "")]
        if self.known.skipped:
            lines.append("  left out: " + ", ".join(self.known.skipped))
        return "\n".join(lines)

    def __str__(self):
        lines = [self.summary()]
        for element, name, storage, how, writes in self.rows:
            lines.append(f"{element + '.' + name:<48} {storage:<36} {how}{'' if writes else ', read only'}")
        if self.session:
            lines.append("proven in this session:")
        for where, element, name, route, layout, proof in self.session:
            lines.append(f"{where + '[].' + name:<48} {route:<8} {layout}{', ' if proof else ''}{proof}")
        return "\n".join(lines)


def _session():
    for (owner, name, element, prop, *_), *row in sorted(handed.session(), key=lambda row: tuple(map(str, row[0]))):
        yield (f"{owner}.{name}", *(one[0] if isinstance(one, tuple) else one for one in (element, prop)), *row)
