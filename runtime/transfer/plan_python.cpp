// runtime/transfer/plan_python.cpp: the Python type Plan.
#include "runtime/transfer/plan_python.hpp"

#include "runtime/bindings.hpp"
#include "runtime/pyref.hpp"

#include <stdexcept>

namespace rnaslicer::runtime {

namespace {

struct PlanObject {
  PyObject_HEAD std::shared_ptr<const PlanData> data;
};

PyObject* plan_type = nullptr; // made once per process, never freed

const PlanData& data_of(PyObject* self) { return *reinterpret_cast<PlanObject*>(self)->data; }

std::string_view kind_name(jit::LoopKind kind) {
  switch (kind) {
  case jit::LoopKind::strided:
    return "strided";
  case jit::LoopKind::indexed:
    return "indexed";
  case jit::LoopKind::pointers:
    break;
  }
  return "pointers";
}

PyObject* plan_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    static const char* const keywords[] = {"text", nullptr};
    PyObject* text = nullptr;
    if (PyArg_ParseTupleAndKeywords(args, kwargs, "U:Plan", const_cast<char**>(keywords), &text) ==
        0)
      return nullptr;
    Py_ssize_t size = 0;
    const char* const utf8 = PyUnicode_AsUTF8AndSize(text, &size);
    if (utf8 == nullptr)
      return nullptr;
    auto data = make_plan_data(jit::parse({utf8, static_cast<std::size_t>(size)}));
    Ref self = checked(PyType_GenericAlloc(type, 0));
    new (&reinterpret_cast<PlanObject*>(self.get())->data)
        std::shared_ptr<const PlanData>(std::move(data));
    return self.release();
  });
}

void plan_dealloc(PyObject* self) {
  const Ref type = Ref::steal(reinterpret_cast<PyObject*>(Py_TYPE(self)));
  std::destroy_at(&reinterpret_cast<PlanObject*>(self)->data);
  PyObject_Free(self);
}

PyObject* plan_repr(PyObject* self) {
  return guarded([&] {
    const PlanData& data = data_of(self);
    return PyUnicode_FromFormat("<Plan %s: %zd loops, %zd lanes>", data.signature.hex().c_str(),
                                data.plan.loops.size(), data.plan.lanes.size());
  });
}

PyObject* plan_compare(PyObject* self, PyObject* other, int operation) {
  if ((operation != Py_EQ && operation != Py_NE) ||
      reinterpret_cast<PyObject*>(Py_TYPE(other)) != plan_type)
    Py_RETURN_NOTIMPLEMENTED;
  const bool equal = data_of(self).plan == data_of(other).plan;
  return PyBool_FromLong(static_cast<long>(equal == (operation == Py_EQ)));
}

Py_hash_t plan_hash(PyObject* self) {
  const auto hash = static_cast<Py_hash_t>(std::hash<std::string>()(data_of(self).text));
  return hash == -1 ? -2 : hash;
}

PyObject* plan_text(PyObject* self, void*) {
  return guarded([&] { return new_text(data_of(self).text); });
}
PyObject* plan_signature(PyObject* self, void*) {
  return guarded([&] { return new_text(data_of(self).signature.hex()); });
}
PyObject* plan_loops(PyObject* self, void*) {
  return guarded([&] {
    const auto& loops = data_of(self).plan.loops;
    Ref tuple = checked(PyTuple_New(static_cast<Py_ssize_t>(loops.size())));
    for (std::size_t i = 0; i < loops.size(); ++i) {
      Ref loop = checked(Py_BuildValue("(NLL)", new_text(kind_name(loops[i].kind)),
                                       static_cast<long long>(loops[i].source_stride),
                                       static_cast<long long>(loops[i].cache_stride)));
      PyTuple_SetItem(tuple.get(), static_cast<Py_ssize_t>(i), loop.release());
    }
    return tuple.release();
  });
}
PyObject* plan_lane_shape(PyObject* self, void*) {
  return guarded([&] {
    const auto& shape = data_of(self).plan.lane_shape;
    Ref tuple = checked(PyTuple_New(static_cast<Py_ssize_t>(shape.size())));
    for (std::size_t i = 0; i < shape.size(); ++i)
      PyTuple_SetItem(tuple.get(), static_cast<Py_ssize_t>(i),
                      checked(PyLong_FromLongLong(shape[i])).release());
    return tuple.release();
  });
}
PyObject* plan_format(PyObject* self, void*) {
  return PyUnicode_FromStringAndSize(&jit::info(data_of(self).plan.format).format, 1);
}
PyObject* plan_itemsize(PyObject* self, void*) {
  return PyLong_FromLongLong(jit::size_of(data_of(self).plan.format));
}

PyGetSetDef plan_getset[] = {
    // CPython keeps pointers into it
    {"text", plan_text, nullptr, PyDoc_STR("Canonical text; Plan(plan.text) == plan."), nullptr},
    {"signature", plan_signature, nullptr, PyDoc_STR("16 hex digits over all that is compiled in."),
     nullptr},
    {"loops", plan_loops, nullptr,
     PyDoc_STR("Per loop, outermost first: (kind, source_stride, cache_stride), in bytes."),
     nullptr},
    {"lane_shape", plan_lane_shape, nullptr, PyDoc_STR("Shape below the innermost loop."), nullptr},
    {"format", plan_format, nullptr, PyDoc_STR("Format character of a cache item."), nullptr},
    {"itemsize", plan_itemsize, nullptr, PyDoc_STR("Bytes of a cache item."), nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot plan_slots[] = {
    {Py_tp_doc, const_cast<char*>("Plan(text)\n--\n\nA verified access plan. ValueError says what "
                                  "is wrong with the text.")},
    {Py_tp_new, reinterpret_cast<void*>(plan_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(plan_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(plan_repr)},
    {Py_tp_richcompare, reinterpret_cast<void*>(plan_compare)},
    {Py_tp_hash, reinterpret_cast<void*>(plan_hash)},
    {Py_tp_getset, plan_getset},
    {0, nullptr},
};
PyType_Spec plan_spec = {RNASLICER_TYPE_NAME("Plan"), sizeof(PlanObject), 0,
                         Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, plan_slots};

} // namespace

std::shared_ptr<const PlanData> make_plan_data(jit::Plan plan) {
  if (const std::string problem = jit::verify(plan); !problem.empty())
    throw std::invalid_argument(problem);
  auto data = std::make_shared<PlanData>();
  data->signature = jit::signature(plan);
  data->text = jit::print(plan);
  data->plan = std::move(plan);
  return data;
}

std::shared_ptr<const PlanData> plan_data(PyObject* object) {
  if (reinterpret_cast<PyObject*>(Py_TYPE(object)) != plan_type)
    raise(PyExc_TypeError, "expected a Plan; make one with Plan(text)");
  return reinterpret_cast<PlanObject*>(object)->data;
}

PyObject* new_text(std::string_view text) {
  return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
}

PyObject* new_bytes(std::string_view bytes) {
  return PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size()));
}

int register_plan(PyObject* module) {
  if (plan_type == nullptr)
    plan_type = PyType_FromSpec(&plan_spec);
  return plan_type != nullptr ? PyModule_AddObjectRef(module, "Plan", plan_type) : -1;
}

} // namespace rnaslicer::runtime
