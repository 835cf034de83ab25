// runtime/trail/composed/python.cpp: the type TransformTrail for Python.
#include "runtime/bindings.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/composed/each.hpp"
#include "runtime/trail/composed/following.hpp"
#include "runtime/trail/composed/transform.hpp"
#include "runtime/trail/groups/following.hpp"
#include "runtime/trail/python/holder.hpp"

namespace rnaslicer::runtime {

namespace {

PyTypeObject* transform_type = nullptr;

std::shared_ptr<const Transformed>& how_of(PyObject* self) { return held_by<Transformed>(self); }

/// The Trail of an object of that type; TypeError as PythonError. Null for None.
std::shared_ptr<const Trail> trail_in(PyObject* object) {
  if (object == Py_None)
    return nullptr;
  return read_trail(object);
}

PyObject* transform_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    PyObject* direct = nullptr;
    PyObject* plain = nullptr;
    PyObject* copy = nullptr;
    Py_ssize_t world_after = -1;
    PyObject* object_class = nullptr;
    int each = 0;
    if (PyArg_ParseTuple(args, "O!OO!nO!p:TransformTrail", &PyDict_Type, &direct, &plain,
                         &PyDict_Type, &copy, &world_after, &PyType_Type, &object_class,
                         &each) == 0)
      return nullptr;
    auto how = std::make_shared<Transformed>();
    how->direct = trail_in(direct);
    how->plain = trail_in(plain);
    how->copy = read_move(copy);
    how->world_after = world_after;
    how->object_class = Ref::borrow(object_class);
    how->each = each != 0;
    return new_holder<Transformed>(type, std::move(how));
  });
}

PyObject* transform_enter(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* wrapper = nullptr;
    PyObject* numbers = nullptr;
    PyObject* into = nullptr;
    if (PyArg_ParseTuple(args, "OOOOO:enter", &root, &steps, &wrapper, &numbers, &into) == 0)
      return nullptr;
    if (into != Py_None && !memcache_check(into))
      raise(PyExc_TypeError, "a MemCache is filled, or None");
    Ref cache = into == Py_None ? Ref() : Ref::borrow(into);
    const std::shared_ptr<const Transformed> how = how_of(self); // whatever a script's code drops
    auto run = enter(how, start_of(root, steps), wrapper, numbers, cache);
    return entered(std::move(run), cache);
  });
}

Opened enter_transform(PyObject* wrapper, PyObject* known, const Way& way) {
  const std::shared_ptr<const Transformed> how = how_of(PyTuple_GetItem(known, 0));
  const Ref steps = steps_beyond(way, known);
  const Ref more = Ref::borrow(field(wrapper, Field::more));
  Opened made;
  made.run =
      enter(how, start_of(way.root(), steps.get()), wrapper, numbers_in(more.get()), made.cache);
  return made;
}

bool transform_is_stale(PyObject* trail) { return stale(*how_of(trail)->direct); }

PyObject* transform_enter_many(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* numbers = nullptr;
    PyObject* rest = nullptr;
    if (PyArg_ParseTuple(args, "OO!:enter_many", &numbers, &PyTuple_Type, &rest) == 0)
      return nullptr;
    const std::shared_ptr<const Transformed> how = how_of(self);
    auto between = each_matrix(how, numbers);
    if (!between) {
      note_enter(false);
      Py_RETURN_NONE;
    }
    return enter_many(how->direct, std::move(between), rest);
  });
}

PyObject* transform_adopt(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* numbers = nullptr;
    Py_ssize_t rows = 0;
    if (PyArg_ParseTuple(args, "OOOn:adopt", &root, &steps, &numbers, &rows) == 0)
      return nullptr;
    const std::shared_ptr<const Transformed> how = how_of(self);
    return adopted(adopt(how, start_of(root, steps), numbers, rows));
  });
}

/// (root, steps, numbers, buffer, rows or -1): a caller's buffer filled, or written.
PyObject* go(PyObject* self, PyObject* args, bool writes) {
  return guarded([&]() -> PyObject* {
    PyObject* root = nullptr;
    PyObject* steps = nullptr;
    PyObject* numbers = nullptr;
    PyObject* buffer = nullptr;
    Py_ssize_t rows = -1;
    if (PyArg_ParseTuple(args, "OOOOn", &root, &steps, &numbers, &buffer, &rows) == 0)
      return nullptr;
    const std::shared_ptr<const Transformed> how = how_of(self); // whatever a script's code drops
    const Trail& trail = *how->direct;
    Ref cache = trail.packed ? rows_on(buffer, trail.format, trail.inner, !writes) : Ref();
    const Py_ssize_t count = cache ? memcache_storage(cache.get()).shape[0] : 0;
    if (count == 0 || (rows >= 0 && rows != count))
      Py_RETURN_FALSE;
    const auto run = writes ? adopt(how, start_of(root, steps), numbers, count)
                            : enter(how, start_of(root, steps), Py_None, numbers, cache);
    if (!writes)
      note_enter(run != nullptr);
    return PyBool_FromLong(
        static_cast<long>(run && (!writes || run->update(cache.get(), Py_None))));
  });
}

PyObject* transform_read(PyObject* self, PyObject* args) { return go(self, args, false); }
PyObject* transform_write(PyObject* self, PyObject* args) { return go(self, args, true); }

PyObject* transform_stale(PyObject* self, void*) {
  return PyBool_FromLong(static_cast<long>(stale(*how_of(self)->direct)));
}

PyMethodDef transform_methods[] = {
    // CPython keeps pointers into it
    {"enter", transform_enter, METH_VARARGS,
     PyDoc_STR(
         "enter($self, root, steps, wrapper, numbers, into, /)\n--\n\n(Run, filled MemCache, "
         "None), or None where the trail declines. numbers: of the given matrices, else None. "
         "into: the MemCache to fill, or None.")},
    {"enter_many", transform_enter_many, METH_VARARGS,
     PyDoc_STR("enter_many($self, numbers, arguments, /)\n--\n\nAs Trail.enter_many with those "
               "arguments, the trail's steps being those from each struct.")},
    {"adopt", transform_adopt, METH_VARARGS,
     PyDoc_STR("adopt($self, root, steps, numbers, rows, /)\n--\n\nThe Run of an enter of so many "
               "rows that was done already, or None.")},
    {"read", transform_read, METH_VARARGS,
     PyDoc_STR("read($self, root, steps, numbers, buffer, rows, /)\n--\n\nFills a caller's packed "
               "buffer of the "
               "view's format and shape. True if done; any other declines. rows: how many there "
               "must be, or -1.")},
    {"write", transform_write, METH_VARARGS,
     PyDoc_STR("write($self, root, steps, numbers, buffer, rows, /)\n--\n\nThe same to Blender, as "
               "Run.update.")},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef transform_properties[] = {
    {"stale", transform_stale, nullptr, PyDoc_STR("Whether it declines since forget_trails()."),
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot transform_slots[] = {
    {Py_tp_doc, const_cast<char*>(
                    "TransformTrail(direct, plain, copy, world_after, object_class, each)\n--\n\n"
                    "Vectors through a matrix (transfer/composed/trails.py).")},
    {Py_tp_new, reinterpret_cast<void*>(transform_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_holder<Transformed>)},
    {Py_tp_methods, transform_methods},
    {Py_tp_getset, transform_properties},
    {0, nullptr},
};
PyType_Spec transform_spec = {RNASLICER_TYPE_NAME("TransformTrail"), sizeof(Holder<Transformed>), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, transform_slots};

PyObject* follow_composed(PyObject*, PyObject* args) {
  PyObject* transform = nullptr;
  PyObject* gather = nullptr;
  PyObject* portions = nullptr;
  PyObject* groups = nullptr;
  if (PyArg_ParseTuple(args, "O!O!O!O!:follow_composed", &PyType_Type, &transform, &PyType_Type,
                       &gather, &PyType_Type, &portions, &PyType_Type, &groups) == 0)
    return nullptr;
  let_follow(transform, {transform_is_stale, enter_transform});
  let_follow(gather, gather_following());
  let_follow(portions, portions_following());
  let_follow(groups, groups_following());
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    // CPython keeps pointers into it
    {"matrices", module_matrices, METH_O,
     PyDoc_STR("matrices(transform, /)\n--\n\n(numbers as bytes, whether it is one matrix alone), "
               "or None where Python has to look at it.")},
    {"follow_composed", follow_composed, METH_VARARGS,
     PyDoc_STR(
         "follow_composed(transform, gather, portions, groups, /)\n--\n\nThe types of what is "
         "known through a matrix, through indices, of what elements divide among them, of "
         "scripts' groups: native code enters along these, too. After set_session.")},
    {nullptr, nullptr, 0, nullptr},
};

} // namespace

Start start_of(PyObject* root, PyObject* steps) {
  if (PyTuple_Check(steps) == 0)
    raise(PyExc_TypeError, "a trail's steps are a tuple");
  Start start{root, {}};
  for (Py_ssize_t i = 0; i < PyTuple_Size(steps); ++i)
    start.steps.push_back(read_step(PyTuple_GetItem(steps, i)));
  return start;
}

int register_composed(PyObject* module) {
  if (register_type(module, "TransformTrail", transform_type, transform_spec) < 0 ||
      register_gather(module) < 0 || register_portions(module) < 0 ||
      register_group_trail(module) < 0 || register_picked_trail(module) < 0)
    return -1;
  return PyModule_AddFunctions(module, functions);
}

} // namespace rnaslicer::runtime
