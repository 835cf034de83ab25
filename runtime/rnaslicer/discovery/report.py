# runtime/rnaslicer/discovery/report.py: what discovery found, to read.
"""Per element type and property: the storage, and how it was found."""

import collections


class Report:
    """`rows`: (element type, property, storage, how, writes); prints as a table."""

    def __init__(self, known):
        self.known = known
        self.rows = [(element, name, str(found), found.how, found.writes)
                     for (element, name), several in sorted(known.storages.items() if known else ())
                     for found in several]

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        return iter(self.rows)

    def summary(self, run=None):
        """A few lines."""
        if self.known is None:
            return "discovery: nothing is known of this Blender"
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
        return "\n".join(lines)


def report():
    """A `Report` of what is known of this build."""
    from . import known

    return Report(known())
