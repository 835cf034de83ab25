# tests/spec/rna.py: what a path can reach (collection, struct, array value, single value), over getattr
"""The four kinds of node. Everything bpy-specific that the specification needs is here.

A node can be an *exemplar*: it has a type but no object, stands for the element an empty
collection would have, and is good for shapes only.
"""
from .convert import to_format
from .errors import ExpressionError, SpecificationGap

FORMAT_OF = {"FLOAT": "f", "INT": "i", "BOOLEAN": "?", "ENUM": "i"}

# Arrays whose length belongs to the element although RNA declares one and does not tell scripts better.
DYNAMIC = {("MeshPolygon", "vertices")}


class Collection:
    """Elements in a row: a bpy collection or a Python sequence of structs."""

    def __init__(self, source, element_type=None, nested=False):
        self.source, self.element_type, self.nested = source, element_type, nested
        self.elements = [] if source is None else list(source)  # by iteration, as bpy users do

    def keyed(self, key):
        if not hasattr(self.source, "keys"):
            raise ExpressionError("this sequence has no keys")
        if key not in self.source.keys():  # Blender 3.4 crashes on source[key] where elements have no names
            raise ExpressionError(f"no element {key!r}")
        return self.struct(self.source[key])

    @staticmethod
    def struct(element):
        if not hasattr(element, "bl_rna"):
            raise ExpressionError(f"an element is {element!r}, which is no struct")
        return Struct(element, element.bl_rna)


class Group:
    """A group of custom properties: it has these, and nothing else."""

    rna = None

    def __init__(self, object):
        self.object = object

    def custom(self, key):
        return Struct.custom(self, key)


# What holds one value for each element of something, under one of these names.
LAYER_VALUES = ("value", "vector", "color", "uv")


class Custom:
    """As much of a property as a custom one has: what its value tells."""

    subtype, is_readonly = "NONE", False

    def __init__(self, key, value):
        self.key, self.identifier = key, f'["{key}"]'
        code = getattr(value, "typecode", None)
        found = {bool: "BOOLEAN", int: "INT", float: "FLOAT"}.get(type(value))
        self.type = {"b": "BOOLEAN", "i": "INT", "f": "FLOAT", "d": "FLOAT"}.get(code, found)
        if self.type is None:
            raise ExpressionError(f"{key!r} is neither a number nor an array of numbers")
        self.is_array = code is not None
        self.format = "d" if (found or code) in ("FLOAT", "d") else FORMAT_OF[self.type]
        self.array_dimensions = ()


class Struct:
    """One element, ID or pointed-to struct; `rna` is its bl_rna, `object` None in an exemplar."""

    def __init__(self, object, rna, strict=False):
        self.object, self.rna = object, rna
        self.strict = strict  # an exemplar for a sequence of no structs: what only a struct tells is refused

    def property(self, name):
        """The node that the property `name` leads to."""
        prop = self.rna.properties.get(name)
        if prop is None:
            raise ExpressionError(f"{self.rna.identifier} has no property {name!r}")
        if prop.type == "COLLECTION":
            if self.strict:
                raise ExpressionError("how many there are only a struct can tell")
            source = None if self.object is None else getattr(self.object, name)
            return Collection(source, prop.fixed_type, nested=True)
        if prop.type == "POINTER":
            return self._pointed(prop)
        if prop.type not in FORMAT_OF:
            raise ExpressionError(f"{name!r} is a {prop.type}, which is no value to slice")
        shape, flat = self._shape(prop)
        return Array(self, prop, shape, flat) if shape else Slot(self, prop)

    def layer(self):
        """(its elements, the name of their value) if this is a layer, else None."""
        prop = self.rna.properties.get("data")
        if prop is None or prop.type != "COLLECTION":
            return None
        names = [name for name in LAYER_VALUES if name in prop.fixed_type.properties.keys()]
        return (self.property("data"), names[0]) if len(names) == 1 else None

    def custom(self, key):
        """The node that a custom property is."""
        try:
            value = self.object[key]
        except (KeyError, TypeError) as error:
            raise ExpressionError(f"no custom property {key!r}: {error}") from None
        if hasattr(value, "bl_rna"):  # it points to a datablock
            return Struct(value, value.bl_rna)
        if hasattr(value, "to_dict"):
            return Group(value)
        prop = Custom(key, value)
        return Array(self, prop, (len(value),)) if prop.is_array else Slot(self, prop)

    def _pointed(self, prop):
        if self.object is None:
            return Struct(None, prop.fixed_type, self.strict)
        target = getattr(self.object, prop.identifier)
        if target is None:
            raise ExpressionError(f"{prop.identifier!r} of {self.object!r} is None")
        return Struct(target, target.bl_rna)

    def _shape(self, prop):
        """(shape, whether bpy keeps the value as one flat array)."""
        if not getattr(prop, "is_array", False):
            return (), False
        if self.rna.identifier == "Image" and prop.identifier == "pixels":
            if self.object is None:
                raise SpecificationGap("pixels of no image")
            width, height = self.object.size
            return (height, width, self.object.channels), True
        declared = tuple(n for n in prop.array_dimensions if n)
        if self.strict and (not declared or (self.rna.identifier, prop.identifier) in DYNAMIC):
            raise ExpressionError("how long it is only a struct can tell")
        if self.object is None:
            return declared, False
        value, shape = getattr(self.object, prop.identifier), []
        while hasattr(value, "__len__"):  # the object knows better: lengths can vary per element
            shape.append(len(value))
            value = value[0] if len(value) else None
        return tuple(shape), False


class Array:
    """An array value, or what is left of it after its first axes were indexed (`at`).

    `swizzled`: None, or the components that a swizzle put in place of its first axis.
    """

    def __init__(self, owner, prop, shape, flat=False, at=(), swizzled=None):
        self.owner, self.prop, self.shape, self.flat, self.at = owner, prop, shape, flat, at
        self.swizzled = swizzled

    def swizzle(self, letters):
        """The component, for one letter, or the array, for more, that `letters` name."""
        if len(self.shape) > 1:
            raise SpecificationGap("letters for the rows of a matrix")
        known = self.letters()[:self.shape[0]]
        if self.swizzled is not None or any(letter not in known for letter in letters):
            raise ExpressionError(f"{letters!r} is no swizzle of {known!r}")
        chosen = [known.index(letter) for letter in letters]
        if len(chosen) == 1:
            return self.component(chosen[0])
        shape = (len(chosen),) + self.shape[1:]
        return Array(self.owner, self.prop, shape, self.flat, self.at, chosen)

    def component(self, i):
        at = self.at + (i if self.swizzled is None else self.swizzled[i],)
        if len(self.shape) > 1:
            return Array(self.owner, self.prop, self.shape[1:], self.flat, at)
        return Slot(self.owner, self.prop, self._bpy_index(at))

    def _bpy_index(self, at):
        if not self.flat:
            return at
        height, width, channels = self._shape_of_all()
        row, column, channel = at
        return ((row * width + column) * channels + channel,)

    def _shape_of_all(self):
        return self.owner._shape(self.prop)[0]

    def letters(self):
        """The swizzle letters of this value, by what it is."""
        if self.prop.subtype in ("QUATERNION", "AXISANGLE"):
            return "wxyz"
        if self.owner.rna is not None and self.owner.rna.identifier == "QuaternionAttributeValue":
            return "wxyz"
        return "rgba" if self.flat or self.prop.subtype in ("COLOR", "COLOR_GAMMA") else "xyzw"

    @property
    def varies(self):
        """Whether elements of one type can have other lengths (a polygon's vertices)."""
        if self.flat or self.at or self.swizzled:
            return False
        if isinstance(self.prop, Custom):
            return True
        if self.owner.rna is None:
            return False
        declared = tuple(n for n in self.prop.array_dimensions if n)
        return (self.owner.rna.identifier, self.prop.identifier) in DYNAMIC or self.shape != declared


class Slot:
    """One number in one property of one struct: what a lane of the cache stands for."""

    def __init__(self, owner, prop, index=()):
        self.owner, self.prop, self.index = owner, prop, index
        self.format = getattr(prop, "format", None) or FORMAT_OF[prop.type]

    @property
    def readonly(self):
        return not isinstance(self.prop, Custom) and self.prop.is_readonly or self.owner.object.is_property_readonly(self.prop.identifier)

    def read(self):
        value = self._value()
        for i in self.index:
            value = value[i]
        return self._number(value) if self.prop.type == "ENUM" else value

    def _value(self):
        if isinstance(self.prop, Custom):
            return self.owner.object[self.prop.key]
        return getattr(self.owner.object, self.prop.identifier)

    def write(self, value):
        if self.prop.type == "ENUM":
            value = self._identifier(value)
        if not self.index and isinstance(self.prop, Custom):
            self.owner.object[self.prop.key] = value
            return
        if not self.index:
            setattr(self.owner.object, self.prop.identifier, value)
            return
        container = self._value()
        for i in self.index[:-1]:
            container = container[i]
        container[self.index[-1]] = value

    def check(self, value):
        """Refuse what must be refused before anything is written."""
        if self.prop.type == "ENUM":
            self._identifier(value)

    def _number(self, identifier):
        items = {item.identifier: item.value for item in self.prop.enum_items}
        if self.prop.is_enum_flag:
            return sum(items[one] for one in identifier)
        return items[identifier]

    def _identifier(self, number):
        items = {item.value: item.identifier for item in self.prop.enum_items}
        if self.prop.is_enum_flag:
            if number & ~sum(items):
                raise ValueError(f"{number} has bits that no item of {self.prop.identifier!r} has")
            return {items[value] for value in items if number & value}
        if number not in items:
            raise ValueError(f"{number} is no item of {self.prop.identifier!r}")
        return items[number]


class RootArray(Array):
    """An RNA array handed over as the supplier itself, such as `image.pixels`: flat."""

    def __init__(self, values):
        super().__init__(Struct(None, None), _RootProperty(values), (len(values),))
        self.values = values

    def component(self, i):
        return RootSlot(self.values, self.prop, i)


class RootSlot(Slot):
    """One component of a RootArray."""

    readonly = False

    def __init__(self, values, prop, i):
        super().__init__(None, prop, (i,))
        self.values = values

    def read(self):
        return self.values[self.index[0]]

    def write(self, value):
        self.values[self.index[0]] = value


class _RootProperty:
    """As much of a property as an array without one lets us know: the type of its first value."""

    subtype, identifier, array_dimensions = "NONE", "", ()

    def __init__(self, values):
        if not len(values):
            raise SpecificationGap("an empty array has no type")
        self.type = {float: "FLOAT", int: "INT", bool: "BOOLEAN"}[type(values[0])]


def root(supplier, of=None):
    """The node that the supplier is; `of`: the type of an empty sequence's structs."""
    if hasattr(supplier, "foreach_get"):
        return Collection(supplier) if hasattr(supplier, "keys") else RootArray(supplier)
    if isinstance(supplier, (list, tuple)):
        if of is not None and not all(isinstance(struct, of) for struct in supplier):
            raise ExpressionError("a struct of another type")
        types = {type(struct) for struct in supplier} if of is None else {of}
        rna = getattr(types.pop(), "bl_rna", None) if len(types) == 1 else None
        return Collection(supplier, rna)
    if hasattr(supplier, "bl_rna"):
        return Struct(supplier, supplier.bl_rna)
    raise ExpressionError(f"{type(supplier).__name__} is no supplier")


def as_property_takes(slot, value, format):
    """What `setattr` is handed for a cache value: the property's own type, converted by rule."""
    return value if format == slot.format else to_format(value, slot.format)
