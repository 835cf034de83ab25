# runtime/rnaslicer/basis/records.py: classes of plain values, made in a tenth of the time that Python's own take.
"""`typing.NamedTuple` and `dataclasses.dataclass` write code and compile it, 0.1 to 1 ms for each class: half of what a
session's first slicing took. These have the same fields, written the same way; checkers are told that they are those."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

try:
    from _collections import _tuplegetter as _getter  # as collections.namedtuple has it
except ImportError:
    import operator

    def _getter(at, doc):
        return property(operator.itemgetter(at), doc=doc)

_new = tuple.__new__


# Each `__new__` is one of these, with the names of its own fields: none is written and compiled when it is needed.
_TEMPLATES = (
    lambda c: _new(c, ()), lambda c, a: _new(c, (a,)), lambda c, a, b: _new(c, (a, b)),
    lambda c, a, b, d: _new(c, (a, b, d)), lambda c, a, b, d, e: _new(c, (a, b, d, e)),
    lambda c, a, b, d, e, f: _new(c, (a, b, d, e, f)), lambda c, a, b, d, e, f, g: _new(c, (a, b, d, e, f, g)),
    lambda c, a, b, d, e, f, g, h: _new(c, (a, b, d, e, f, g, h)),
    lambda c, a, b, d, e, f, g, h, i: _new(c, (a, b, d, e, f, g, h, i)),
    lambda c, a, b, d, e, f, g, h, i, j: _new(c, (a, b, d, e, f, g, h, i, j)),
    lambda c, a, b, d, e, f, g, h, i, j, k: _new(c, (a, b, d, e, f, g, h, i, j, k)),
    lambda c, a, b, d, e, f, g, h, i, j, k, m: _new(c, (a, b, d, e, f, g, h, i, j, k, m)),
    lambda c, a, b, d, e, f, g, h, i, j, k, m, n: _new(c, (a, b, d, e, f, g, h, i, j, k, m, n)),
    lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o: _new(c, (a, b, d, e, f, g, h, i, j, k, m, n, o)),
    lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p: _new(c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p)),
    lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q: _new(c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q)),
    lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r:
        _new(c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r)),
    lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s:
        _new(c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s)),
    lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t:
        _new(c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t)),
    lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u:
        _new(c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u)),
    lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v:
        _new(c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v)),
    lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w:
        _new(c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w)),
    lambda c, a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x:
        _new(c, (a, b, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u, v, w, x)))


class _Values(tuple):
    __slots__ = ()
    _fields: tuple = ()

    @classmethod
    def _make(cls, iterable):
        made = _new(cls, iterable)
        if len(made) != len(cls._fields):
            raise TypeError(f"{cls.__name__} has {len(cls._fields)} fields, and {len(made)} values were given")
        return made

    def _replace(self, **changes):
        made = _new(type(self), map(changes.pop, self._fields, self))
        if changes:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(changes)}")
        return made

    def _asdict(self):
        return dict(zip(self._fields, self))

    def __getnewargs__(self):
        return tuple(self)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{field}={value!r}' for field, value in self._asdict().items())})"


class _Maker(type):
    """What stands in a class of `Record` becomes one of `_Values`."""

    def __new__(cls, name, bases, body):
        if not bases:
            return type.__new__(cls, name, bases, body)
        made = type(name, (_Values,), {"__doc__": "", **body, "__slots__": ()})
        fields = made._fields = made.__match_args__ = tuple(made.__annotations__)
        code = _TEMPLATES[len(fields)].__code__.replace(co_varnames=("_cls", *fields), co_name="__new__",
                                                        co_qualname=f"{name}.__new__")
        defaults = tuple(body[field] for field in fields if field in body)
        made.__new__ = staticmethod(types.FunctionType(code, {"_new": _new}, "__new__", defaults))
        for at, field in enumerate(fields):
            setattr(made, field, _getter(at, None))
        return made


if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:
    class Record(metaclass=_Maker):
        """What a `typing.NamedTuple` is: fields in order, perhaps with defaults."""


class Frozen:
    """What a frozen dataclass is; those that are made from it have its fields before their own."""

    _fields: tuple = ()
    _allowed = _needed = frozenset()

    def __init_subclass__(cls):
        cls._fields = (*cls._fields, *cls.__annotations__)
        cls._allowed = frozenset(cls._fields)
        cls._needed = frozenset(field for field in cls._fields if not hasattr(cls, field))

    def __init__(self, *given: Any, **named: Any) -> None:
        values = self.__dict__
        values.update(zip(self._fields, given), **named)
        if len(values) != len(given) + len(named) or not self._needed <= values.keys() <= self._allowed:
            raise TypeError(f"{type(self).__name__} has the fields {', '.join(self._fields)}, of which it needs "
                            f"{', '.join(sorted(self._needed))}; given were {given!r} and {named!r}")

    def _values(self):
        return tuple([getattr(self, field) for field in self._fields])

    def __eq__(self, other):
        return self._values() == other._values() if type(self) is type(other) else NotImplemented

    def __hash__(self):
        return hash(self._values())

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{field}={getattr(self, field)!r}' for field in self._fields)})"

    def __setattr__(self, name, value):
        raise AttributeError(f"{type(self).__name__}.{name} is not changed; replace() makes another")

    def __delattr__(self, name):
        raise AttributeError(f"{type(self).__name__}.{name} stays")


def replace(record, **changes):
    """A `Frozen` with some values changed; what was computed of it (functools.cached_property) is computed anew."""
    values = record.__dict__
    return type(record)(**{field: values[field] for field in record._fields if field in values} | changes)
