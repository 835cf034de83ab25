# tests/spec/fake.py: objects that answer `bl_rna` as bpy's do, to run the specification without Blender
"""A type is declared as `Type('MeshVertex', co=floats(3), groups=collection(GROUP))`."""


class Property:
    def __init__(self, type, shape=(), subtype="NONE", fixed_type=None, readonly=False, items=(),
                 flags=False):
        self.type, self.subtype, self.fixed_type, self.is_readonly = type, subtype, fixed_type, readonly
        self.is_array, self.array_dimensions = bool(shape), tuple(shape) + (0,) * (3 - len(shape))
        self.enum_items, self.is_enum_flag = [EnumItem(*item) for item in items], flags
        self.identifier = None  # set by the Type


class EnumItem:
    def __init__(self, identifier, value):
        self.identifier, self.value = identifier, value


def floats(*shape, **more):
    return Property("FLOAT", shape, **more)


def ints(*shape, **more):
    return Property("INT", shape, **more)


def bools(*shape, **more):
    return Property("BOOLEAN", shape, **more)


def string():
    return Property("STRING")


def enum(flags=False, **items):
    return Property("ENUM", items=items.items(), flags=flags)


def pointer(type):
    return Property("POINTER", fixed_type=type)


def collection(type):
    return Property("COLLECTION", fixed_type=type)


class Type:
    """A bl_rna."""

    def __init__(self, identifier, **properties):
        self.identifier, self.properties = identifier, properties
        for name, prop in properties.items():
            prop.identifier = name

    def __call__(self, **values):
        return Element(self, values)


class Element:
    """A bpy_struct; floats are stored with their own precision, which the tests keep within 32 bits."""

    def __init__(self, type, values):
        self.__dict__.update(values, bl_rna=type, writes=[])

    def __setattr__(self, name, value):
        self.writes.append((name, value))
        self.__dict__[name] = value

    def is_property_readonly(self, name):
        return self.bl_rna.properties[name].is_readonly


class Collection:
    """A bpy_prop_collection: by index, by key, by iteration."""

    def __init__(self, elements, keys=()):
        self._elements, self._keys = list(elements), list(keys)

    def __iter__(self):
        return iter(self._elements)

    def __len__(self):
        return len(self._elements)

    def __getitem__(self, key):
        if isinstance(key, str):
            if key not in self._keys:
                raise KeyError(key)
            return self._elements[self._keys.index(key)]
        return self._elements[key]

    def keys(self):
        return self._keys

    def foreach_get(self, *_):
        raise AssertionError("the specification reads by getattr only")


class Array(list):
    """A bpy_prop_array handed over on its own."""

    def foreach_get(self, *_):
        raise AssertionError("the specification reads by getattr only")
