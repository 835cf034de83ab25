# tests/spec/items.py: what stands between the brackets, as a list of items
"""An item is one of
    ('slice', slice)  ('int', i)  ('name', s)  ('names', (s, ...))  ('keys', [s, ...])
    ('gather', [i, ...])  ('mask', [bool, ...])  ('ellipsis',)  ('through', collection)
    ('key', s): a name written as a key of RNA paths, '["position"]'
"""
from operator import index

from .errors import ExpressionError


def parse(subscript):
    """The items of `x` in `Slicer(...)[x]`; a bare item is a list of one."""
    items = [_item(x) for x in (subscript if isinstance(subscript, tuple) else (subscript,))]
    if items.count(("ellipsis",)) > 1:
        raise ExpressionError("more than one Ellipsis")
    return items


def _item(x):
    if x is Ellipsis:
        return ("ellipsis",)
    if isinstance(x, slice):
        return ("slice", _slice(x))
    if isinstance(x, str):
        return ("key", key_of(x)) if key_of(x) is not None else ("name", _name(x))
    if isinstance(x, range):
        return ("gather", list(x))
    if isinstance(x, tuple):
        if not x or not all(isinstance(s, str) for s in x):
            raise ExpressionError("a tuple item names properties or swizzles")
        return ("names", tuple(_name(s) for s in x))
    if isinstance(x, list):
        return _list(x)
    if hasattr(x, "foreach_get") and hasattr(x, "keys"):
        return ("through", x)
    if isinstance(x, bool):
        raise ExpressionError("a bool is not an index")
    if hasattr(x, "__index__") and not getattr(x, "shape", ()):
        return ("int", index(x))
    return _buffer(x)


def _slice(x):
    parts = []
    for part in (x.start, x.stop, x.step):
        if part is not None and (isinstance(part, bool) or not hasattr(part, "__index__")):
            raise ExpressionError("a slice is of integers")
        parts.append(None if part is None else index(part))
    if parts[2] == 0:
        raise ExpressionError("a slice's step is not zero")
    return slice(*parts)


def key_of(s):
    """What a name such as '["a \\"b\\""]' quotes, or None."""
    if not (s.startswith('["') and s.endswith('"]') and len(s) >= 4):
        return None
    inner, key, escaped = s[2:-2], "", False
    for letter in inner:
        if not escaped and letter == '"':
            return None
        if not escaped and letter == "\\":
            escaped = True
            continue
        key, escaped = key + letter, False
    return None if escaped else key


def _name(s):
    if not s:
        raise ExpressionError("a name is not empty")
    return s


def _list(x):
    if x and all(isinstance(k, str) for k in x):
        return ("keys", list(x))
    if x and all(isinstance(k, bool) for k in x):
        return ("mask", list(x))
    if all(hasattr(k, "__index__") and not isinstance(k, bool) for k in x):
        return ("gather", [index(k) for k in x])
    raise ExpressionError("a list holds keys, or indices, or booleans")


def _buffer(x):
    try:
        view = memoryview(x)
    except TypeError:
        raise ExpressionError(f"not an item: {type(x).__name__}") from None
    if view.ndim != 1 or view.format not in tuple("?bBhHiIlLqQnN"):
        raise ExpressionError("a buffer item is one-dimensional, of integers or booleans")
    return ("mask" if view.format == "?" else "gather", view.tolist())
