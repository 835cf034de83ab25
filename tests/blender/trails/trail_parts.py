# tests/blender/trails/trail_parts.py: random selections, for the tests of trails of parts
import numpy as np


def selections(rng, count):
    """Random slices, ranges, masks and numbers of as many elements, with the numbers that each names."""
    everything = range(count)
    for _ in range(12):
        step = rng.choice([1, 2, 3, -1, -2, 5])
        part = slice(rng.choice([None, rng.randrange(-count - 3, count + 3)]),
                     rng.choice([None, rng.randrange(-count - 3, count + 3)]), step)
        yield part, list(everything[part])
        numbers = range(rng.randrange(-count, count), rng.randrange(-count, count), step)
        yield numbers, [i % count for i in numbers]
        mask = [rng.random() < .4 for _ in everything]
        yield (np.array(mask) if rng.random() < .5 else mask), [i for i in everything if mask[i]]
        picked = [rng.randrange(-count, count) for _ in range(rng.randrange(1, 9))]
        yield (np.array(picked) if rng.random() < .5 else picked), [i % count for i in picked]
