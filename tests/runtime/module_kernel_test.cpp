// tests/runtime/module_kernel_test.cpp: Plan and Kernel from Python: transfers, regions, refusals.
#include "tests/runtime/interpreter.hpp"

#include <gtest/gtest.h>
#include <string>

namespace {

/// Helpers of the snippets: three floats of every four, as in vertices with padding.
constexpr auto helpers = R"py(
def plan_text(loops='loop strided source 16 cache 12', lanes='lanes 3',
              lane=((0, 0), (4, 4), (8, 8)), format='f32'):
    return '\n'.join(['plan 1', 'storage f32', 'value f32', f'format {format}', loops, lanes,
                      *(f'lane {a} -> {b}' for a, b in lane), ''])
plan = core.Plan(plan_text())
kernel = core.Kernel(plan)
def floats(n):
    return array.array('f', range(n))
def packed(source):
    return [x for i, x in enumerate(source) if i % 4 != 3]
)py";

void run_python(const std::string& code) { rnaslicer::test::run_python((helpers + code).c_str()); }

TEST(ModulePlan, TellsWhatItIs) {
  run_python(R"py(
assert plan.text == plan_text() and core.Plan(plan.text) == plan
assert hash(core.Plan(plan.text)) == hash(plan)
wide = core.Plan(plan_text('loop strided source 16 cache 24', format='f64', lane=((0, 0), (4, 8), (8, 16))))
assert (wide.format, wide.itemsize) == ('d', 8) and plan != wide and plan != 1
assert plan.loops == (('strided', 16, 12),) and plan.lane_shape == (3,)
assert (plan.format, plan.itemsize) == ('f', 4)
assert len(plan.signature) == 16 and int(plan.signature, 16) >= 0
refused('ValueError', '', core.Plan, 'plan 1\nnonsense\n')
refused('ValueError', '', core.Plan, plan_text(lanes='lanes 4'))
refused('TypeError', '', core.Plan, 1)
refused('TypeError', 'Plan', core.Kernel, plan.text)
)py");
}

TEST(ModuleKernel, MovesBothWays) {
  run_python(R"py(
for jit in (False, True):
    core.configure(jit=jit)
    for n in (0, 1, 7, 1000):
        source, cache = floats(4 * n), array.array('f', [-1]) * (3 * n)
        kernel.refresh(cache, source, (n,))
        assert cache.tolist() == packed(source), n
        target = array.array('f', [-1]) * (4 * n)
        kernel.update(cache, target, (n,))
        assert packed(target) == cache.tolist()
        assert target[3::4].tolist() == [-1] * n
)py");
}

TEST(ModuleKernel, TakesAddressesAndOffsets) {
  run_python(R"py(
source, cache = floats(40), bytearray(8 + 120 + 8)
kernel.refresh(cache, source.buffer_info()[0], (10,), offset=8)
assert memoryview(cache)[8:128].cast('f').tolist() == packed(source)
assert cache[:8] == cache[128:] == bytes(8)
kernel.refresh(bytearray(), 0, (0,))
)py");
}

TEST(ModuleKernel, TakesMemCaches) {
  run_python(R"py(
n = 100
source = floats(4 * n)
cache = core.allocate((n, 3), 'f', None)
kernel.refresh(cache, source, (n,))
assert memoryview(cache).tolist() == [list(source[i:i + 3]) for i in range(0, 4 * n, 4)]
refused('BufferError', '1212 of a cache of 1200 bytes', kernel.refresh, cache, bytes(1616), (n + 1,))
refused('BufferError', 'whole MemCache', kernel.refresh, cache[::2, :], source, (n // 2,))
refused('ValueError', "items are 'f', the MemCache's are 'd'", kernel.refresh,
        core.allocate((n, 3), 'd', None), source, (n,))
kernel.update(cache.toreadonly(), bytearray(1600), (n,))
refused('BufferError', 'read-only', kernel.refresh, cache.toreadonly(), source, (n,))
core.disable(cache)
refused('ValueError', '', kernel.refresh, cache, source, (n,))
)py");
}

TEST(ModuleKernel, RestrictsToRegions) {
  run_python(R"py(
n = 50
source = floats(4 * n)
whole = [list(source[i:i + 3]) for i in range(0, 4 * n, 4)]
spans = [(0, 1, n), (10, 1, 5), (49, -7, 8), (3, 0, 1), (0, 1, 0), (n - 1, 1, 1)]
columns = [(0, 1, 3), (2, -1, 3), (1, 1, 1), (0, 2, 2), (0, 5, 0)]
for jit in (False, True):
    core.configure(jit=jit)
    for rows in spans:
        for lanes in columns:
            cache = array.array('f', [-1]) * (3 * n)
            kernel.refresh(cache, source, (n,), region=(rows, lanes))
            target = array.array('f', [-2]) * (4 * n)
            kernel.update(array.array('f', packed(source)), target, (n,), region=(rows, lanes))
            inside = {(rows[0] + i * rows[1], lanes[0] + j * lanes[1])
                      for i in range(rows[2]) for j in range(lanes[2])}
            for i in range(n):
                for j in range(3):
                    assert cache[3 * i + j] == (whole[i][j] if (i, j) in inside else -1)
                    assert target[4 * i + j] == (whole[i][j] if (i, j) in inside else -2)
                assert target[4 * i + 3] == -2
)py");
}

TEST(ModuleKernel, FollowsTables) {
  run_python(R"py(
gather = core.Kernel(core.Plan(plan_text('loop indexed source 16 cache 12')))
source, cache = floats(40), array.array('f', [-1]) * 9
gather.refresh(cache, source, (3,), tables=(array.array('q', [9, 0, 4]),))
assert cache.tolist() == [36, 37, 38, 0, 1, 2, 16, 17, 18]
gather.refresh(cache, source, (3,), tables=(array.array('q', [1, 2, 3, 99]),),
               region=((2, -1, 2), (0, 1, 3)))
assert cache.tolist() == [36, 37, 38, 8, 9, 10, 12, 13, 14]
pointers = core.Kernel(core.Plan(plan_text('loop pointers source 4 cache 12')))
address = source.buffer_info()[0]
pointers.refresh(cache, 0, (2,), tables=(array.array('Q', [address, address + 64]),))
assert cache.tolist()[:6] == [1, 2, 3, 17, 18, 19]

wrong = lambda error, part, *args, **kwargs: refused(error, part, gather.refresh, cache, source, (3,), *args, **kwargs)
wrong('ValueError', 'loop 1 needs a table')
wrong('ValueError', 'loop 1 needs a table', tables=(None,))
wrong('ValueError', 'tables has 2 entries', tables=(None, None))
wrong('TypeError', 'tuple', tables=[None])
wrong('TypeError', '', tables=(3,))
wrong('ValueError', '64-bit integers', tables=(array.array('i', [0, 0, 0, 0, 0, 0]),))
wrong('ValueError', '64-bit integers', tables=(array.array('d', [0, 0, 0]),))
wrong('BufferError', 'table 1 has 2 entries, its loop takes 3', tables=(array.array('q', [0, 0]),))
wrong('BufferError', 'source of 160 bytes', tables=(array.array('q', [0, 10, 0]),))
wrong('BufferError', 'source of 160 bytes', tables=(array.array('q', [0, -1, 0]),))
wrong('BufferError', '64 bits', tables=(array.array('q', [0, 2**62, 0]),))
wrong('BufferError', '', tables=(memoryview(array.array('q', range(6)))[::2],))
refused('ValueError', 'pointers', pointers.refresh, cache, source, (1,), tables=(array.array('q', [address]),))
)py");
}

TEST(ModuleKernel, RefusesWhatWouldLeaveTheBuffers) {
  run_python(R"py(
n = 10
source, cache = floats(40), bytearray(120)
before = bytes(cache)
def wrong(error, part, *args, **kwargs):
    refused(error, part, kernel.refresh, *args, **kwargs)
    refused(error, part, kernel.update, *args, **kwargs)
wrong('BufferError', 'bytes 0 to 172 of a source of 160', bytearray(132), source, (n + 1,))
wrong('BufferError', 'bytes 0 to 132 of a cache of 120', cache, bytearray(176), (n + 1,))
wrong('BufferError', 'bytes 1 to 121', cache, source, (n,), offset=1)
wrong('BufferError', 'bytes -4 to', cache, source, (n,), offset=-4)
wrong('BufferError', '64 bits', cache, source, (n,), offset=2**63 - 1)
wrong('BufferError', '64 bits', cache, source, (2**61,))
wrong('ValueError', '64 bits', cache, source, (2**62,))
wrong('OverflowError', '', cache, source, (2**64,))
wrong('ValueError', 'negative', cache, source, (-1,))
wrong('ValueError', '1 loops, extents has 2', cache, source, (n, n))
wrong('TypeError', 'tuple', cache, source, [n])
wrong('TypeError', '', cache, source, (1.5,))
wrong('ValueError', 'null', cache, 0, (n,))
wrong('OverflowError', '', cache, -1, (n,))
wrong('TypeError', 'source', cache, 1.5, (n,))
wrong('TypeError', 'source', cache, None, (n,))
wrong('TypeError', 'cache', None, source, (n,))
wrong('BufferError', '', cache, memoryview(source)[::2], (1,))
wrong('BufferError', '', memoryview(cache)[::2], source, (1,))
wrong('ValueError', 'strided and takes no table', cache, source, (n,), tables=(source,))
refused('BufferError', '', kernel.refresh, bytes(120), source, (n,))
refused('BufferError', '', kernel.update, cache, bytes(160), (n,))
wrong('BufferError', 'bytes 8 to 164 of a source', cache, source, (n,), source_offset=8)
wrong('BufferError', 'bytes -8 to', cache, source, (n,), source_offset=-8)
backwards = core.Kernel(core.Plan(plan_text('loop strided source -16 cache 12')))
refused('BufferError', 'bytes -144 to 12', backwards.refresh, cache, source, (n,))
assert cache == before
backwards.refresh(cache, source, (n,), source_offset=144)
assert memoryview(cache).cast('f').tolist()[:6] == [36, 37, 38, 32, 33, 34]
)py");
}

TEST(ModuleKernel, RefusesRegionsOutside) {
  run_python(R"py(
n = 10
source, cache = floats(40), bytearray(120)
def wrong(error, part, *region):
    refused(error, part, kernel.refresh, cache, source, (n,), region=region)
everything = (0, 1, 3)
wrong('RegionError', '2 axes, the region has 1', (0, 1, n))
wrong('RegionError', 'axis 1: start 0, step 1, count 11 leaves the axis, which has 10', (0, 1, n + 1), everything)
wrong('RegionError', 'axis 1', (-1, 1, 1), everything)
wrong('RegionError', 'axis 1', (n, 1, 1), everything)
wrong('RegionError', 'axis 1', (0, -1, 2), everything)
wrong('RegionError', 'axis 1', (0, 2**62, 5), everything)
wrong('RegionError', 'axis 1: start 0, step 0, count 2 takes one index more than once', (0, 0, 2), everything)
wrong('RegionError', 'negative count', (0, 1, -1), everything)
wrong('ValueError', 'axis 2', (0, 1, n), (0, 1, 4))
wrong('TypeError', '(start, step, count)', (0, 1), everything)
wrong('TypeError', '(start, step, count)', [0, 1, 2], everything)
wrong('TypeError', '', (0, 1, 'x'), everything)
refused('TypeError', 'region must be a tuple', kernel.refresh, cache, source, (n,), region=3)
assert cache == bytes(120)
)py");
}

TEST(ModuleKernel, ChecksArgumentNames) {
  run_python(R"py(
source, cache = floats(4), bytearray(12)
kernel.refresh(cache=cache, source=source, extents=(1,), offset=None, region=None, tables=None)
refused('TypeError', "'extents' is missing", kernel.refresh, cache, source)
refused('TypeError', "'cache' given twice", kernel.refresh, cache, source, (1,), cache=cache)
refused('TypeError', "unknown argument 'regions'", kernel.refresh, cache, source, (1,), regions=None)
refused('TypeError', 'by name', kernel.refresh, cache, source, (1,), 0)
refused('ValueError', "'refresh' or 'update'", kernel.prepare, 'both')
refused('ValueError', "'refresh' or 'update'", kernel.statistics, 1)
)py");
}

TEST(ModuleKernel, CountsRegionsToo) {
  run_python(R"py(
core.clear_cache()
kernel = core.Kernel(plan)
source, cache = floats(400), bytearray(1200)
kernel.refresh(cache, source, (100,))
kernel.refresh(cache, source, (100,), region=((0, 1, 10), (0, 1, 3)))  # the same layout
kernel.refresh(cache, source, (100,), region=((0, 2, 50), (1, 1, 1)))  # another one
counts = kernel.statistics('refresh')
assert (counts['calls'], counts['bytes'], counts['region_calls']) == (3, 1200 + 120 + 200, 1), counts
assert counts['seconds'] > 0 and kernel.statistics('update')['calls'] == 0
assert core.kernels()[0].statistics('refresh') == counts
)py");
}

TEST(ModuleKernel, CompilesRegionsThatAreWorthIt) {
  run_python(R"py(
core.configure(jit=True)
core.clear_cache()
kernel = core.Kernel(plan)
n = 30000
source, cache = floats(4 * n), bytearray(12 * n)
column = ((0, 1, n), (1, 1, 1))
kernel.refresh(cache, source, (n,), region=column)
kernel.refresh(cache, source, (n,), region=column)
assert len(core.kernels()) == 1
kernel.refresh(cache, source, (n,), region=column)  # 90000 items by now
assert len(core.kernels()) == 2
assert memoryview(cache).cast('f').tolist()[1::3] == source.tolist()[1::4]
)py");
}

TEST(ModuleKernel, ShowsItself) {
  run_python(R"py(
core.configure(jit=True)
core.clear_cache()
kernel = core.Kernel(plan)
assert kernel.signature == plan.signature and kernel.plan == plan.text
assert kernel.origin('refresh') == 'interpreter'
assert kernel.prepare('refresh') == 'compiled' and kernel.origin('refresh') == 'compiled'
assert kernel.trouble == ''
assert 'define' in kernel.ir('refresh') and kernel.signature in kernel.ir('refresh')
assert 'ret' in kernel.asm('refresh')
assert kernel.statistics('refresh')['compile_seconds'] > 0
listed, = core.kernels()
assert listed.signature == kernel.signature
assert core.cache_info()['memory_kernels'] == 1
core.clear_cache()
assert core.kernels() == []
source, cache = floats(4), bytearray(12)
kernel.refresh(cache, source, (1,))  # lives on
)py");
}

TEST(ModuleConfigure, ChangesAllOrNothing) {
  run_python(R"py(
before = core.configure()
assert set(before) == {'jit', 'disk_cache', 'cache_directory', 'disk_limit', 'threads', 'tier',
                       'perf'}
refused('TypeError', "unknown setting 'jti'", core.configure, threads=3, jti=True)
refused('ValueError', 'tier', core.configure, threads=3, tier='sse9')
refused('ValueError', 'disk_limit', core.configure, threads=3, disk_limit=-1)
refused('ValueError', 'threads', core.configure, threads=257)
refused('TypeError', '', core.configure, threads=1.5)
refused('TypeError', 'cache_directory', core.configure, cache_directory=3)
refused('TypeError', 'by name', core.configure, True)
assert core.configure() == before
after = core.configure(threads=3, tier='baseline')
assert after == {**before, 'threads': 3, 'tier': 'baseline'} == core.configure()
assert core.cache_info()['tier'] == 'baseline'
core.configure(**before)
)py");
}

} // namespace
