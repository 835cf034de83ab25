// tests/runtime/module_random_test.cpp: random Kernel calls, right and wrong, against plain Python.
#include "tests/runtime/interpreter.hpp"

#include <gtest/gtest.h>

namespace {

using rnaslicer::test::run_python;

// Each call is either refused with nothing moved, exactly if an element would lie outside, or it
// moves exactly the region's elements. RNASLICER_SEED (./run fuzz) sets where the cases begin.
TEST(ModuleRandom, KernelCallsMoveTheirRegionOrAreRefused) {
  run_python(R"py(
import itertools, os, random
seed = int(os.environ.get('RNASLICER_SEED', 1))

def shuffled(axes, rng):
    return rng.sample(axes, len(axes))

def dense(extents, loops, rng):
    """Strides of any order and sign, lanes innermost; the offset that makes them fit; the size."""
    strides, offset, size = [0] * len(extents), 0, 4
    axes = range(len(extents))
    for axis in shuffled(axes[loops:], rng) + shuffled(axes[:loops], rng):
        strides[axis] = size * rng.choice((1, -1))
        if strides[axis] < 0:
            offset += size * max(extents[axis] - 1, 0)
        size *= max(extents[axis], 1)
    return strides, offset, size

def random_span(extent, rng):
    if rng.random() < 0.04:
        return rng.choice(((-1, 1, 1), (extent, 1, 1), (0, 1, extent + 1), (0, -1, 2), (0, 0, 2)))
    if extent == 0 or rng.random() < 0.05:
        return (0, 1, 0)
    start, step = rng.randrange(extent), rng.choice((1, 1, 1, 2, 3, -1, -2))
    most = (extent - 1 - start) // step + 1 if step > 0 else start // -step + 1
    return (start, step, rng.choice((most, rng.randint(1, most))))

def fits(span, extent):
    start, step, count = span
    indices = range(start, start + step * count, step) if step else [start] * count
    return all(0 <= i < extent for i in indices) and (step or count < 2)

def case(number):
    rng = random.Random(number)
    extents = [rng.choice((0, 1, 2, 3, 7, 20, 65)) for _ in range(rng.randint(0, 3))]
    lane_shape = [rng.randint(1, 3) for _ in range(rng.randint(0, 2))]
    shape = extents + lane_shape
    cache_strides, offset, cache_size = dense(shape, len(extents), rng)
    kinds = [rng.choice(('strided', 'strided', 'indexed')) for _ in extents]
    source_strides = [rng.choice((4, 12, 16, 24, 7, -16, -5, 0)) for _ in shape]
    tables = tuple(array.array('q', [rng.randint(-3, 9) for _ in range(extent + rng.randint(0, 2))])
                   if kind == 'indexed' else None for kind, extent in zip(kinds, extents))
    def source_of(index):
        return sum((table[i] if table else i) * stride for i, stride, table in
                   itertools.zip_longest(index, source_strides, tables))
    def cache_of(index):
        return offset + sum(i * stride for i, stride in zip(index, cache_strides))
    loops = len(extents)
    lanes = [(0,) * loops + lane for lane in itertools.product(*map(range, lane_shape))]
    text = ['plan 1', 'storage f32', 'value f32', 'format f32']
    text += [f'loop {kind} source {a} cache {b}'
             for kind, a, b in zip(kinds, source_strides, cache_strides)]
    text += ['lanes ' + 'x'.join(map(str, lane_shape))]
    text += [f'lane {sum(i * s for i, s in zip(lane, source_strides))} -> {cache_of(lane) - offset}'
             for lane in lanes]
    plan = core.Plan('\n'.join(text) + '\n')

    elements = [(source_of(index), cache_of(index)) for index in itertools.product(*map(range, shape))]
    low = min((source for source, _ in elements), default=0)
    high = max((source + 4 for source, _ in elements), default=0)
    source_offset = -low + rng.choice((0, 0, 0, 0, 8, -1))
    source_size = max(high - low + rng.choice((0, 0, 0, 8, -1)), 0)
    cache_size = max(cache_size + rng.choice((0, 0, 0, 5, -1)), 0)
    offset_error = rng.choice((0,) * 8 + (1, -1))
    source, cache = rng.randbytes(source_size), rng.randbytes(cache_size)
    region = tuple(random_span(extent, rng) for extent in shape) if rng.random() < 0.7 else None

    inside = all(0 <= a + source_offset <= source_size - 4 and 0 <= b + offset_error <= cache_size - 4
                 for a, b in elements)
    fitting = region is None or all(map(fits, region, shape))
    spans = region or tuple((0, 1, extent) for extent in shape)
    keywords = dict(offset=offset + offset_error, source_offset=source_offset, region=region,
                    tables=tables)
    for direction in ('refresh', 'update'):
        got_source, got_cache = bytearray(source), bytearray(cache)
        want_source, want_cache = bytearray(source), bytearray(cache)
        if inside and fitting:
            for index in itertools.product(*([a + i * b for i in range(n)] for a, b, n in spans)):
                a, b = source_of(index) + source_offset, cache_of(index) + offset_error
                if direction == 'refresh':
                    want_cache[b:b + 4] = source[a:a + 4]
                else:
                    want_source[a:a + 4] = cache[b:b + 4]
        try:
            getattr(core.Kernel(plan), direction)(got_cache, got_source, tuple(extents), **keywords)
            accepted = True
        except (BufferError, rnaslicer.errors.RegionError):
            accepted = False
        assert accepted == (inside and fitting), (number, direction, accepted, inside, fitting)
        assert got_cache == want_cache, (number, direction, plan.text, extents, keywords)
        # overlapping elements in the source: bytes of which one wins are the kernel tests' business
        apart = sorted({a for a, _ in elements})
        if all(b - a >= 4 for a, b in zip(apart, apart[1:])) and len(apart) == len(elements):
            assert got_source == want_source, (number, direction, plan.text, extents, keywords)
    return inside and fitting

core.configure(jit=False)
accepted = sum(case(number) for number in range(seed, seed + 400))
core.configure(jit=True)
accepted += sum(case(number) for number in range(seed + 400, seed + 440))  # most compile a kernel
assert 40 < accepted < 400, accepted
)py");
}

} // namespace
