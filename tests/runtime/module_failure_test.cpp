// tests/runtime/module_failure_test.cpp: Python's memory runs out, or compilation fails, anywhere
// in the module.
#include "tests/runtime/interpreter.hpp"

#include <gtest/gtest.h>
#include <string>

namespace {

/// `sweep(f)` calls f with each of Python's allocations failing in turn, until all succeed.
constexpr auto helpers = R"py(
import _testcapi, gc, warnings

def sweep(function, *arguments, least=1):
    function(*arguments)  # what is made once is there now
    for fail in range(1, 1000):
        gc.collect()
        before = core.live()
        error = None
        _testcapi.set_nomemory(fail, fail + 1)
        try:
            function(*arguments)
        except BaseException as caught:
            _testcapi.remove_mem_hooks()
            error = caught
        finally:
            _testcapi.remove_mem_hooks()
        if error is None and fail >= least:
            return fail
        assert error is None or type(error) is MemoryError, (fail, repr(error))
        del error
        gc.collect()
        assert core.live() == before, (fail, before, core.live())
    raise AssertionError('it never ends')

text = ('plan 1\nstorage f32\nvalue f32\nformat f32\nloop strided source 16 cache 12\n'
        'lanes 3\nlane 0 -> 0\nlane 4 -> 4\nlane 8 -> 8\n')
source = array.array('f', range(40))
)py";

void run_python(const std::string& code) { rnaslicer::test::run_python((helpers + code).c_str()); }

TEST(ModuleFailure, ExpressionsWithoutMemory) {
  run_python(R"py(
expression = (slice(1, None, 2), 'co', ('xxx', 'yyy'), ['Col', 'Mask'], [3, 1, -1], [True, False],
              array.array('i', range(30)), ...)
assert sweep(core.parse, expression) > 5
sweep(core.expression_text, expression, least=40)  # shows what it can
sweep(core.expression_text, (1.5, {}, slice('a')), least=40)
)py");
}

TEST(ModuleFailure, KernelsWithoutMemory) {
  run_python(R"py(
def plans():
    plan = core.Plan(text)
    return plan.text, plan.loops, plan.lane_shape, plan.signature, repr(plan), hash(plan), plan == core.Plan(text)
def kernels():
    kernel = core.Kernel(core.Plan(text))
    return kernel.plan, kernel.signature, repr(kernel), kernel.statistics('refresh'), kernel.trouble
def transfers(kernel, cache):
    kernel.refresh(cache, source, (10,))
    kernel.update(cache, source, (10,), region=((1, 2, 3), (0, 1, 2)))
def others():
    return core.kernels(), core.cache_info(), core.configure(threads=0), core.probe_kind()
assert sweep(plans) > 5
assert sweep(kernels) > 5
assert sweep(others) > 5
for jit in (True, False):
    core.configure(jit=jit)
    sweep(transfers, core.Kernel(core.Plan(text)), core.allocate((10, 3), 'f', None))
core.configure(jit=True)
assert source.tolist() == list(range(40))
)py");
}

TEST(ModuleFailure, MemCachesWithoutMemory) {
  run_python(R"py(
class Owner:
    pass
def make():
    core.disable(core.allocate((4, 5), 'd', Owner()))
def look(cache):
    part = cache[1:3, ::2]
    found = (part.tolist(), part.tobytes(), part.shape, part.strides, cache.T if hasattr(cache, 'T') else 0,
             memoryview(part).tolist(), part == cache[1:3, ::2], repr(part), list(cache[0]), cache[1, 1],
             core.region(cache, part), cache.cast('B') if cache.contiguous else 0)
    return found
def change(cache):
    cache[1, 1] = 2.0
    cache[2, :] = cache[3, :]
    cache[0:2, 1] = array.array('d', (7.0, 8.0))
cache = core.allocate((4, 5), 'd', None)
assert sweep(make) > 2
assert sweep(look, cache) > 10
assert sweep(change, cache) > 2
assert cache[1, 1] == 8.0 and cache.tolist()[2] == cache.tolist()[3]
)py");
}

TEST(ModuleFailure, WalksAndBuffersWithoutMemory) {
  run_python(R"py(
data = array.array('i', range(64))
address = data.buffer_info()[0]
assert sweep(core.read_memory, address, 256) > 0
assert sweep(core.int_range, data) > 0
assert sweep(core.from_buffer, data) > 0
assert sweep(core.Flat, data, 'i') > 0
nodes = array.array('q', range(64))
base = nodes.buffer_info()[0]
for i in range(8):  # a list through every eighth number
    nodes[8 * i] = base + 64 * (i + 1) if i < 7 else 0
for safe in (False, True):
    assert sweep(lambda: core.walk_list(base, 0, 8, base + 448, safe=safe)) > 0
    found = core.walk_list(base, 0, 8, base + 448, safe=safe)
    assert sweep(core.follow_pointers, array.array('q', found[:7].tolist()), 0) > 0
    nodes[1] = nodes[9] = 2
    assert sweep(lambda: core.rows_of(base, 64, 2, 0, 8, 4, safe=safe)) > 0
    core.inject('allocate', 1)  # of two MemCaches the second
    refused('MemoryError', '', core.rows_of, base, 64, 2, 0, 8, 4, safe=safe)
)py");
}

TEST(ModuleFailure, StorageWithoutMemory) {
  run_python(R"py(
before = core.live()
core.inject('allocate', 1)
cache = core.allocate((3,), 'f', None)
refused('MemoryError', '', core.allocate, (3,), 'f', None)
again = core.allocate((3,), 'f', None)
core.disable(cache), core.disable(again)
del cache, again
gc.collect()
assert core.live()['objects'] == before['objects']
refused('ValueError', 'no such point', core.inject, 'nonsense')
refused('ValueError', 'negative', core.inject, 'allocate', -1)
)py");
}

TEST(ModuleFailure, CompilationThatFailsWarnsOnceAndNeverRaises) {
  run_python(R"py(
core.clear_cache()
core.inject('compile', 0, 10**9)
big, cache = array.array('f', range(4000)), array.array('f', bytes(12000))
def use(stride):
    kernel = core.Kernel(core.Plan(text.replace('cache 12', f'cache {stride}')))
    assert kernel.prepare('refresh') == 'interpreter'
    kernel.refresh(cache, big, (100,))
    assert cache[:3].tolist() == [0, 1, 2] and 'a test wants' in kernel.trouble
unraisable = []
sys.unraisablehook = lambda what: unraisable.append(what.exc_value)
with warnings.catch_warnings():
    warnings.simplefilter('error')
    use(12)
assert [type(error) for error in unraisable] == [RuntimeWarning], unraisable
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter('always')
    use(16), use(20)
assert told == [], told  # the same reason: told already
sys.unraisablehook = sys.__unraisablehook__
core.inject('compile', 0, 0)
core.clear_cache()
assert core.Kernel(core.Plan(text)).prepare('refresh') == 'compiled'
)py");
}

} // namespace
