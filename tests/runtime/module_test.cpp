// tests/runtime/module_test.cpp: the extension module as a whole: loading, reads, references.
#include "tests/runtime/interpreter.hpp"

#include <gtest/gtest.h>

namespace {

using rnaslicer::test::run_python;

TEST(Module, ReadsMemoryThatIsThereAndNoOther) {
  run_python(R"py(
data = array.array('i', range(1000))
address, count = data.buffer_info()
assert core.probe_kind() in ('process_vm_readv', 'pipe')
assert core.read_memory(address, 4 * count) == data.tobytes()
assert core.read_memory(address, 0) == b''
for nowhere in (0, 8, 1 << 47, 2**64 - 1, 2**64, 2**80, -1):
    assert core.read_memory(nowhere, 16) is None, nowhere
refused('ValueError', 'nbytes', core.read_memory, address, -1)
refused('TypeError', '', core.read_memory, 'x', 1)
refused('TypeError', '', core.read_memory, 1.5, 1)
)py");
}

TEST(Module, FindsTheArrayThatAHolderPointsTo) {
  run_python(R"py(
data = array.array('i', range(1000))
base, count = data.buffer_info()
holder = array.array('q', [7, base, count])
at = holder.buffer_info()[0]
assert core.array_in(at, 8, 16, count, 4) == base
assert core.array_in(at, 8, -1, count, 4) == base, 'no count to compare'
assert core.array_in(at, 8, 16, count - 1, 4) is None, 'another length'
assert core.array_in(at, 8, -1, 0, 4) is core.array_in(at, 8, -1, count, 0) is None
assert core.array_in(at, 0, -1, count, 4) is None, 'points nowhere'
for length, itemsize in ((1 << 40, 4), (1 << 47, 1), (1 << 62, 4), (1 << 62, 1 << 62)):
    assert core.array_in(at, 8, -1, length, itemsize) is None, 'its end is no memory'
for nowhere in (0, 8, 1 << 47, 2**64 - 8):
    assert core.array_in(nowhere, 8, 16, count, 4) is None, nowhere
    holder[1] = nowhere - (nowhere >> 63 << 64)
    assert core.array_in(at, 8, -1, count, 4) is None, nowhere
refused('TypeError', '', core.array_in, at, 8, 16)
)py");
}

TEST(Module, KnowsTheMainThread) {
  run_python(R"py(
import threading
answers = []
thread = threading.Thread(target=lambda: answers.append(core.is_main_thread()))
thread.start()
thread.join()
assert core.is_main_thread() and answers == [False]
)py");
}

TEST(Module, CanBeLoadedAgain) {
  run_python(R"py(
plan = core.Plan('plan 1\nstorage f32\nvalue f32\nformat f32\nlanes\nlane 0 -> 0\n')
del sys.modules['rnaslicer._core']
again = importlib.import_module('rnaslicer._core')
assert again is not core and again.Plan is core.Plan
again.Kernel(plan)
)py");
}

TEST(Module, RefusesSubinterpreters) {
  run_python(R"py(
import _xxsubinterpreters as interpreters
other = interpreters.create()
try:
    interpreters.run_string(other, f'''
import sys
sys.path.insert(0, {PACKAGE_FOLDER + "/rnaslicer"!r})
try:
    import _core
except ImportError as error:
    assert 'main interpreter' in str(error), error
else:
    raise AssertionError('loaded')
''')
finally:
    interpreters.destroy(other)
)py");
}

TEST(Module, TypesCannotBeChangedOrMadeFromNothing) {
  run_python(R"py(
for kind in (core.Plan, core.Kernel):
    refused('TypeError', '', kind)
    refused('TypeError', '', setattr, kind, 'x', 1)
    refused('TypeError', '', type, 'Sub', (kind,), {})
    assert kind.__doc__ and kind.__module__ == 'rnaslicer._core'
)py");
}

TEST(Module, HasTheNamesThatItsStubsHave) {
  run_python(R"py(
import ast, inspect
with open(PACKAGE_FOLDER + '/rnaslicer/_core.pyi', encoding='utf-8') as file:
    tree = ast.parse(file.read())
def bases(node):
    return {getattr(base, 'id', None) for base in node.bases}
def public(names):
    return {name for name in names if not name.startswith('_')}
stubs = {node.name: node for node in tree.body
         if isinstance(node, ast.FunctionDef)
         or isinstance(node, ast.ClassDef) and not bases(node) & {'TypedDict', 'Protocol'}}
assert public(stubs) == public(vars(core)), public(stubs) ^ public(vars(core))
for name, node in stubs.items():
    if isinstance(node, ast.ClassDef):
        methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
        methods |= {part.target.id for part in node.body if isinstance(part, ast.AnnAssign)}
        members = public(vars(getattr(core, name)))
        assert members == public(methods), (name, members ^ public(methods))
for name in ('refresh', 'update'):
    stub, = [part for part in stubs['Kernel'].body if getattr(part, 'name', None) == name]
    names = [arg.arg for arg in stub.args.args + stub.args.kwonlyargs]
    assert list(inspect.signature(getattr(core.Kernel, name)).parameters) == names
)py");
}

TEST(Module, KeepsNoReferences) {
  run_python(R"py(
import gc
plan = core.Plan('plan 1\nstorage f32\nvalue f32\nformat f32\n'
                 'loop strided source 4 cache 4\nlanes\nlane 0 -> 0\n')
kernel = core.Kernel(plan)
source, cache = bytes(400), bytearray(400)
data = array.array('i', range(100))
calls = [
    lambda: core.parse((slice(1, 2, 3), 'a', ('b', 'c'), ['d'], [1, 2], [True], data, ...)),
    lambda: core.parse((1.5, 'a')),
    lambda: core.parse((..., ...)),
    lambda: core.expression_text((1.5, [1, 2], {1})),
    lambda: core.read_memory(data.buffer_info()[0], 400),
    lambda: core.read_memory(1, 400),
    lambda: core.Plan('nonsense'),
    lambda: (core.Plan(plan.text), plan.loops, plan.lane_shape, plan == plan, hash(plan)),
    lambda: (core.Kernel(plan), kernel.statistics('refresh'), kernel.ir('update')),
    lambda: kernel.refresh(cache, source, (100,), region=((0, 2, 50),)),
    lambda: kernel.refresh(cache, source, (101,)),
    lambda: kernel.refresh(cache, source, (100,), region=((0, 2, 51),)),
    lambda: (core.kernels(), core.cache_info(), core.configure(jit=True)),
    lambda: core.configure(nonsense=1),
]
for number, call in enumerate(calls):
    def many(times):
        for _ in range(times):
            try:
                call()
            except Exception:
                pass
        gc.collect()
    many(20)
    before = sys.getallocatedblocks()
    many(1000)
    grown = sys.getallocatedblocks() - before
    assert grown < 500, f'call {number} keeps {grown} blocks after 1000 calls'
)py");
}

} // namespace
