# runtime/rnaslicer/expression/block.py: what an expression has reached on its way to a view.
"""What resolve.py and the leaves of its own kinds (weights.py, corners.py) share."""


ONE_LEVEL = "ragged='flat' and 'pad' join one level; this has more than one that may vary"


class Block:
    """What an expression has reached on its way to a `View`; the leaves' places count from its own first
    entries."""

    def __init__(self, shape, leaves, walked=None, offsets=None, varies=False):
        self.shape, self.leaves, self.offsets = shape, leaves, offsets
        self.walked = [] if walked is None else walked
        self.varies = varies  # the first axis may be longer or shorter in the next element
        self.guessed = False  # of no element: what is below the first axis is what others have, if there are any


def listing(names, values):
    """The first element of each kind, so that a reader sees what differs."""
    firsts = {}
    for name, value in zip(names, values):
        firsts.setdefault(value, name)
    shown = [f"{name} has {value}" for value, name in list(firsts.items())[:4]]
    return ", ".join(shown) + (", ..." if len(firsts) > len(shown) else "")


def skip_ellipsis(items, axes):
    """`...` on a collection or struct: as many `:` as there are axes before the next name."""
    if not items or items[0][1][0] != "ellipsis":
        return items
    before_name = 0
    for _, item in items[1:]:
        if item[0] in ("name", "names"):
            break
        before_name += 1
    fill = max(0, axes - before_name)
    return [(items[0][0], ("slice", None, None, None))] * fill + items[1:]
