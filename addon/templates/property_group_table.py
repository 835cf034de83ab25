# Tables of your own properties
#
# A CollectionProperty as a table: read one column, write another. Blender keeps such values one by one, as ID properties, so
# there is no direct route. Reading costs what foreach_get costs. An update finds each row anew before it assigns it, since a
# property of your own may run code of yours: for thousands of rows foreach_set is the better choice.
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
