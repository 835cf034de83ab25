# Tables of your own properties
#
# A CollectionProperty as a table: read one column, write another. Blender keeps such values one by one, as ID properties: a
# kernel reads them where they are, and the default where a row has none. It writes them once each row has a value of its own;
# before, and where the property has functions (update=, set=), bpy assigns each.
# by_loop is the loop that it replaces: the same values, one at a time.

import bpy
import numpy as np
from rnaslicer import Slicer


def by_loop(table):
    for row in table:
        row.price = row.mass * 2


def by_slicer(table):
    with Slicer(table)[:, 'mass'] as mass, Slicer(table)[:, 'price'] as price:
        np.multiply(mass.memcache, 2, out=np.asarray(price.memcache))
        price.update()


class CookbookRow(bpy.types.PropertyGroup):
    mass: bpy.props.FloatProperty()
    price: bpy.props.FloatProperty()


def example(size=50):
    if not hasattr(bpy.types.Scene, 'cookbook_rows'):
        bpy.utils.register_class(CookbookRow)
        bpy.types.Scene.cookbook_rows = bpy.props.CollectionProperty(type=CookbookRow)
    table = bpy.data.scenes.new("Table").cookbook_rows
    for number in range(size):
        table.add().mass = number / 3
    return (table,)


if __name__ == "__main__":
    result = by_slicer(*example())
    print("done" if result is None else np.shape(result) or len(result))
