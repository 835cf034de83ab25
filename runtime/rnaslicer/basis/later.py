# runtime/rnaslicer/basis/later.py: modules that are loaded when something of them is first needed.
"""Most sessions need few of the rooms, and a module takes 0.1 to 0.5 ms to load. What a plain expression goes without
stands behind a `later`: ways of their own for some leaves, what a performance engineer looks at, texts of errors. What an
entered wrapper may need when things have changed does not: it must go on where the package's files are gone."""

import importlib

_PACKAGE = __package__.partition(".")[0]


class _Later:
    def __init__(self, name):
        self._name, self._module = name, None

    def __getattr__(self, what):
        if what[:2] == "__":  # of whoever looks at all that there is
            raise AttributeError(what)
        if self._module is None:
            self._module = importlib.import_module(_PACKAGE)._load(self._name)
        return getattr(self._module, what)


def later(name):
    """A module of the package, such as 'expression.corners', to be used as if it were imported. Written at the top of
    one, where tests/packaging/test_rooms.py reads it as an import. Whoever first asks it for something gets ImportError
    where the package's files were replaced, or are gone."""
    return _Later(name)
