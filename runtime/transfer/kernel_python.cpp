// runtime/transfer/kernel_python.cpp: the Python type Kernel: runs a plan, on the whole cache or a
// region.
#include "runtime/transfer/kernel_python.hpp"

#include "jit/faults.hpp"
#include "jit/kernel.hpp"
#include "runtime/bindings.hpp"
#include "runtime/pyref.hpp"
#include "runtime/transfer/kernel_arguments.hpp"
#include "runtime/transfer/kernel_warning.hpp"
#include "runtime/transfer/plan_python.hpp"

#include <chrono>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

/// A region of another layout than its kernel's is interpreted until so many items have moved that
/// compiling it would have paid (some ns each, against some ms).
constexpr std::int64_t worth_compiling = 65536;

/// Layouts of regions whose items are counted; beyond that, counting starts over.
constexpr std::size_t most_remembered = 256;

struct KernelState {
  std::shared_ptr<const PlanData> plan;
  std::shared_ptr<jit::Kernel> kernel;
  std::shared_ptr<RegionCounts> regions;
};

struct KernelObject {
  PyObject_HEAD KernelState state;
};

PyObject* kernel_type = nullptr; // made once per process, never freed

KernelState& state_of(PyObject* self) { return reinterpret_cast<KernelObject*>(self)->state; }

/// `base + offset`, also for the null base of a plan that follows pointers.
std::byte* moved(std::byte* base, std::int64_t offset) {
  return reinterpret_cast<std::byte*>( // NOLINT(performance-no-int-to-ptr)
      reinterpret_cast<std::uintptr_t>(base) + static_cast<std::uintptr_t>(offset));
}

/// Runs a region whose restricted plan has a signature of its own.
void run_other(const KernelState& state, const jit::Plan& plan, jit::Signature signature,
               jit::Direction direction, const jit::Transfer& transfer, std::int64_t items) {
  const auto start = std::chrono::steady_clock::now();
  auto& all_interpreted = state.regions->interpreted;
  if (all_interpreted.size() > most_remembered)
    all_interpreted.clear();
  std::int64_t& interpreted = all_interpreted[signature.hash];
  if (jit::has_kernel(signature) || interpreted + items > worth_compiling) {
    const auto kernel = jit::find_kernel(plan);
    kernel->run(plan, direction, transfer);
    warn_if_interpreted(*kernel);
  } else {
    jit::interpret(plan, direction, transfer);
    interpreted += items;
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  RegionCounts::Direction& counts = state.regions->of(direction);
  ++counts.calls;
  counts.bytes += static_cast<std::uint64_t>(items * jit::size_of(plan.format));
  counts.seconds += taken.count();
}

/// From a place in the region to one in the whole.
jit::BadIndex in_whole(const jit::BadIndex& error, std::span<const jit::Span> region) {
  std::vector<std::int64_t> place = error.place;
  for (std::size_t i = 0; i < place.size() && i < region.size(); ++i)
    place[i] = region[i].start + place[i] * region[i].step;
  return {error.index, error.count, std::move(place)};
}

/// As an IndexError with the arguments (text, index, count of the target, place).
[[noreturn]] void raise_bad_index(const jit::BadIndex& error) {
  const Ref place = checked(PyTuple_New(static_cast<Py_ssize_t>(error.place.size())));
  for (std::size_t i = 0; i < error.place.size(); ++i) {
    Ref at = checked(PyLong_FromLongLong(error.place[i]));
    PyTuple_SetItem(place.get(), static_cast<Py_ssize_t>(i), at.release());
  }
  const Ref arguments =
      checked(Py_BuildValue("(sLLO)", error.what(), static_cast<long long>(error.index),
                            static_cast<long long>(error.count), place.get()));
  PyErr_SetObject(PyExc_IndexError, arguments.get());
  throw PythonError();
}

void run_region(const KernelState& state, jit::Direction direction, const jit::Transfer& whole,
                std::span<const jit::Span> region, std::int64_t items) {
  if (items == 0)
    return;
  const jit::Restricted part = jit::restrict(state.plan->plan, whole.extents, whole.tables, region);
  const jit::Transfer transfer{moved(whole.source, part.source_offset),
                               moved(whole.cache, part.cache_offset),
                               part.extents,
                               part.tables,
                               whole.lookups,
                               whole.target,
                               jit::restrict(whole.matrices, region)};
  if (const std::string refusal = jit::refuse(part.plan, direction); !refusal.empty())
    raise(PyExc_ValueError, refusal);
  const jit::Signature signature = jit::signature(part.plan);
  if (signature == state.plan->signature)
    state.kernel->run(part.plan, direction, transfer);
  else
    run_other(state, part.plan, signature, direction, transfer, items);
}

/// Raises what a bad index in Blender's data is in Python; without a region `region` is empty.
template <typename Run> void with_index_errors(std::span<const jit::Span> region, Run run) {
  try {
    run();
  } catch (const jit::BadIndex& error) {
    raise_bad_index(in_whole(error, region));
  }
}

PyObject* run(PyObject* self, jit::Direction direction, PyObject* const* args, Py_ssize_t nargs,
              PyObject* kwnames) {
  return guarded([&]() -> PyObject* {
    const KernelState& state = state_of(self);
    KernelArguments arguments;
    arguments.parse(state.plan->plan, direction, args, nargs, kwnames);
    if (jit::fails(jit::Fault::transfer))
      throw std::bad_alloc();
    with_index_errors(arguments.region(), [&] {
      if (arguments.has_region())
        run_region(state, direction, arguments.transfer(), arguments.region(), arguments.items());
      else
        state.kernel->run(state.plan->plan, direction, arguments.transfer());
    });
    warn_if_interpreted(*state.kernel);
    Py_RETURN_NONE;
  });
}

PyObject* kernel_refresh(PyObject* self, PyObject* const* args, Py_ssize_t nargs,
                         PyObject* kwnames) {
  return run(self, jit::Direction::refresh, args, nargs, kwnames);
}
PyObject* kernel_update(PyObject* self, PyObject* const* args, Py_ssize_t nargs,
                        PyObject* kwnames) {
  return run(self, jit::Direction::update, args, nargs, kwnames);
}

jit::Direction direction_of(PyObject* object) {
  if (PyUnicode_Check(object)) {
    if (PyUnicode_CompareWithASCIIString(object, "refresh") == 0)
      return jit::Direction::refresh;
    if (PyUnicode_CompareWithASCIIString(object, "update") == 0)
      return jit::Direction::update;
  }
  raise(PyExc_ValueError, "direction must be 'refresh' or 'update'");
}

const char* origin_name(jit::Origin origin) {
  switch (origin) {
  case jit::Origin::compiled:
    return "compiled";
  case jit::Origin::memory:
    return "memory";
  case jit::Origin::disk:
    return "disk";
  case jit::Origin::interpreter:
    break;
  }
  return "interpreter";
}

PyObject* kernel_prepare(PyObject* self, PyObject* direction) {
  return guarded([&] {
    const KernelState& state = state_of(self);
    const jit::Direction wanted = direction_of(direction);
    if (const std::string refusal = jit::refuse(state.plan->plan, wanted); !refusal.empty())
      raise(PyExc_ValueError, refusal);
    const jit::Origin origin = state.kernel->prepare(wanted);
    warn_if_interpreted(*state.kernel);
    return new_text(origin_name(origin));
  });
}
PyObject* kernel_origin(PyObject* self, PyObject* direction) {
  return guarded([&] {
    return new_text(origin_name(state_of(self).kernel->statistics(direction_of(direction)).origin));
  });
}
PyObject* kernel_ir(PyObject* self, PyObject* direction) {
  return guarded([&] { return new_text(state_of(self).kernel->ir(direction_of(direction))); });
}
PyObject* kernel_asm(PyObject* self, PyObject* direction) {
  return guarded(
      [&] { return new_text(state_of(self).kernel->assembly(direction_of(direction))); });
}

PyObject* kernel_statistics(PyObject* self, PyObject* object) {
  return guarded([&] {
    const KernelState& state = state_of(self);
    const jit::Direction direction = direction_of(object);
    const jit::Statistics own = state.kernel->statistics(direction);
    const RegionCounts::Direction& regions = state.regions->of(direction);
    const auto number = [](std::uint64_t value) { return PyLong_FromUnsignedLongLong(value); };
    return Py_BuildValue("{sNsNsdsdsssNsdsdsdsNsd}", "calls", number(own.calls + regions.calls),
                         "bytes", number(own.bytes + regions.bytes), "seconds",
                         own.seconds + regions.seconds, "compile_seconds", own.compile_seconds,
                         "origin", origin_name(own.origin), "region_calls", number(regions.calls),
                         "fastest", own.fastest, "slowest", own.slowest, "last", own.last,
                         "best_bytes", number(own.best_bytes), "best_seconds", own.best_seconds);
  });
}

PyObject* kernel_entries(PyObject* self, PyObject* direction) {
  return guarded([&] {
    Ref list = checked(PyList_New(0));
    for (const auto& one : state_of(self).kernel->entries(direction_of(direction))) {
      const Ref item = checked(Py_BuildValue(
          "{sNsNsssNsLsdsNsN}", "symbol", new_text(one.symbol), "tier", new_text(one.tier),
          "origin", origin_name(one.origin), "streaming",
          PyBool_FromLong(static_cast<long>(one.streaming)), "min_count",
          static_cast<long long>(one.min_count), "compile_seconds", one.compile_seconds, "ir",
          new_text(one.ir), "object", new_bytes(one.object)));
      if (PyList_Append(list.get(), item.get()) < 0)
        throw PythonError();
    }
    return list.release();
  });
}

/// The plan that was compiled: the kernel's own may have more loops around it.
PyObject* kernel_compiled_plan(PyObject* self, void*) {
  return guarded([&] { return new_text(jit::print(state_of(self).kernel->plan())); });
}
PyObject* kernel_signature(PyObject* self, void*) {
  return guarded([&] { return new_text(state_of(self).plan->signature.hex()); });
}
PyObject* kernel_plan(PyObject* self, void*) {
  return guarded([&] { return new_text(state_of(self).plan->text); });
}
PyObject* kernel_trouble(PyObject* self, void*) {
  return guarded([&] { return new_text(state_of(self).kernel->trouble()); });
}

PyObject* kernel_repr(PyObject* self) {
  return guarded([&] {
    return PyUnicode_FromFormat("<Kernel %s>", state_of(self).plan->signature.hex().c_str());
  });
}

PyObject* new_object(PyTypeObject* type, KernelState state) {
  Ref self = checked(PyType_GenericAlloc(type, 0));
  new (&state_of(self.get())) KernelState(std::move(state));
  return self.release();
}

PyObject* kernel_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    static const char* const keywords[] = {"plan", nullptr};
    PyObject* plan = nullptr;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "O:Kernel", const_cast<char**>(keywords),
                                    &plan) == 0)
      return nullptr;
    auto data = plan_data(plan);
    auto kernel = jit::find_kernel(data->plan);
    auto regions = region_counts(data->signature);
    return new_object(type, {std::move(data), std::move(kernel), std::move(regions)});
  });
}

void kernel_dealloc(PyObject* self) {
  const Ref type = Ref::steal(reinterpret_cast<PyObject*>(Py_TYPE(self)));
  std::destroy_at(&state_of(self));
  PyObject_Free(self);
}

using FastFunction = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);

/// METH_FASTCALL | METH_KEYWORDS functions are kept as PyCFunction and called by their flags.
PyCFunction as_method(FastFunction function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef kernel_methods[] = {
    // CPython keeps pointers into it
    {"prepare", kernel_prepare, METH_O,
     PyDoc_STR(
         "prepare($self, direction, /)\n--\n\nCompiles or loads 'refresh' or 'update' now; returns "
         "its origin.")},
    {"refresh", as_method(kernel_refresh), METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("refresh($self, cache, source, extents, *, offset=0, source_offset=0, "
               "region=None, tables=None, lookups=None, target=None, matrix=None)\n--\n\n"
               "Fills the cache, or a region of it, from the source.")},
    {"update", as_method(kernel_update), METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("update($self, cache, source, extents, *, offset=0, source_offset=0, "
               "region=None, tables=None, lookups=None, target=None, matrix=None)\n--\n\n"
               "Writes the cache, or a region of it, to the source.")},
    {"origin", kernel_origin, METH_O,
     PyDoc_STR(
         "origin($self, direction, /)\n--\n\n'compiled', 'memory', 'disk' or 'interpreter'.")},
    {"ir", kernel_ir, METH_O,
     PyDoc_STR("ir($self, direction, /)\n--\n\nLLVM IR text, '' if none.")},
    {"asm", kernel_asm, METH_O,
     PyDoc_STR("asm($self, direction, /)\n--\n\nDisassembly in Intel syntax, '' if none.")},
    {"statistics", kernel_statistics, METH_O,
     PyDoc_STR(
         "statistics($self, direction, /)\n--\n\nDict of calls, bytes (of the cache), seconds, "
         "compile_seconds, origin, region_calls; fastest, slowest and last in seconds of whole "
         "runs, best_bytes and best_seconds of the quickest for its size.")},
    {"entries", kernel_entries, METH_O,
     PyDoc_STR("entries($self, direction, /)\n--\n\nDict of each function that is compiled: "
               "symbol, tier, origin, streaming, min_count, compile_seconds, ir, object.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef kernel_getset[] = {
    // CPython keeps pointers into it
    {"signature", kernel_signature, nullptr, PyDoc_STR("16 hex digits, as in the plan."), nullptr},
    {"plan", kernel_plan, nullptr, PyDoc_STR("The plan's canonical text."), nullptr},
    {"compiled_plan", kernel_compiled_plan, nullptr,
     PyDoc_STR("The text that line tables count in: the plan with its innermost loop only."),
     nullptr},
    {"trouble", kernel_trouble, nullptr,
     PyDoc_STR("Why the kernel is interpreted though the JIT is on; '' if it is not."), nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot kernel_slots[] = {
    {Py_tp_doc, const_cast<char*>("Kernel(plan)\n--\n\nThe compiled code of a plan's signature, "
                                  "bound to the plan.")},
    {Py_tp_new, reinterpret_cast<void*>(kernel_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(kernel_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(kernel_repr)},
    {Py_tp_methods, kernel_methods},
    {Py_tp_getset, kernel_getset},
    {0, nullptr},
};
PyType_Spec kernel_spec = {RNASLICER_TYPE_NAME("Kernel"), sizeof(KernelObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, kernel_slots};

} // namespace

PyObject* new_kernel(std::shared_ptr<jit::Kernel> kernel) {
  auto data = make_plan_data(kernel->plan());
  auto regions = region_counts(data->signature);
  return new_object(reinterpret_cast<PyTypeObject*>(kernel_type),
                    {std::move(data), std::move(kernel), std::move(regions)});
}

const jit::Plan* kernel_plan_of(PyObject* object) {
  if (kernel_type == nullptr ||
      PyObject_TypeCheck(object, reinterpret_cast<PyTypeObject*>(kernel_type)) == 0)
    return nullptr;
  return &state_of(object).plan->plan;
}

void run_kernel(PyObject* kernel, jit::Direction direction, const jit::Transfer& whole,
                std::span<const jit::Span> region) {
  const KernelState& state = state_of(kernel);
  if (jit::fails(jit::Fault::transfer))
    throw std::bad_alloc();
  with_index_errors(region, [&] {
    if (region.empty()) {
      state.kernel->run(state.plan->plan, direction, whole);
      return;
    }
    std::int64_t items = 1;
    for (const jit::Span& span : region)
      items *= span.count; // at most the whole, which fits
    run_region(state, direction, whole, region, items);
  });
  warn_if_interpreted(*state.kernel);
}

void run_kernel(PyObject* kernel, jit::Direction direction,
                std::span<const jit::Transfer> transfers) {
  const KernelState& state = state_of(kernel);
  if (jit::fails(jit::Fault::transfer))
    throw std::bad_alloc();
  with_index_errors({}, [&] { state.kernel->run(state.plan->plan, direction, transfers); });
  warn_if_interpreted(*state.kernel);
}

int register_kernel(PyObject* module) {
  if (kernel_type == nullptr)
    kernel_type = PyType_FromSpec(&kernel_spec);
  if (kernel_type == nullptr || PyModule_AddObjectRef(module, "Kernel", kernel_type) < 0)
    return -1;
  return register_kernel_cache(module);
}

} // namespace rnaslicer::runtime
