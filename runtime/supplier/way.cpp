// runtime/supplier/way.cpp: the type Way.
#include "runtime/supplier/way.hpp"

#include "runtime/bindings.hpp"

#include <cstddef>
#include <structmember.h>

namespace rnaslicer::runtime {

namespace {

PyTypeObject* type = nullptr; // made once per process, never freed

Way* cast(PyObject* self) { return reinterpret_cast<Way*>(self); }

PyObject* moment(PyObject* self, void*) { return moment_tuple(cast(self)->seen); }

int set_moment(PyObject* self, PyObject* value, void*) {
  return read_moment(value, cast(self)->seen) ? 0 : -1;
}

PyMemberDef members[] = {
    {"root", T_OBJECT_EX, offsetof(Way, fields.at), 0, nullptr},
    {"steps", T_OBJECT_EX, offsetof(Way, fields.at) + sizeof(PyObject*), 0, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyGetSetDef properties[] = {
    {"_moment", moment, set_moment,
     PyDoc_STR("When it was last whole: (number of the event before, time.time()), or None."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A path as native code sees it (internal).")},
    {Py_tp_traverse, reinterpret_cast<void*>(Fields<2>::traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Fields<2>::clear)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Fields<2>::dealloc)},
    {Py_tp_members, members},
    {Py_tp_getset, properties},
    {0, nullptr},
};
PyType_Spec spec = {RNASLICER_TYPE_NAME("Way"), sizeof(Way), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};

} // namespace

Way* as_way(PyObject* object) {
  if (type == nullptr || PyObject_TypeCheck(object, type) == 0)
    return nullptr;
  Way* const way = cast(object);
  return way->root() != nullptr && way->steps() != nullptr ? way : nullptr;
}

Ref new_way(PyObject* kind, PyObject* root, PyObject* steps, const Moment& seen) {
  auto* const made = reinterpret_cast<PyTypeObject*>(kind);
  Ref self = checked(PyType_GenericAlloc(made, 0));
  cast(self.get())->fields.at[0] = Ref::borrow(root).release();
  cast(self.get())->fields.at[1] = Ref::borrow(steps).release();
  cast(self.get())->seen = seen;
  return self;
}

int register_way(PyObject* module) {
  if (type == nullptr)
    type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return type == nullptr ? -1
                         : PyModule_AddObjectRef(module, "Way", reinterpret_cast<PyObject*>(type));
}

} // namespace rnaslicer::runtime
