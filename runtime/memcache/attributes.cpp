// runtime/memcache/attributes.cpp: the read-only attributes and repr.
#include "runtime/memcache/object.hpp"

namespace rnaslicer::runtime {
namespace {

PyObject* tuple_of(const Py_ssize_t* values, int count) {
  Ref tuple = Ref::steal(PyTuple_New(count));
  if (!tuple)
    return nullptr;
  for (int i = 0; i < count; ++i) {
    PyObject* value = PyLong_FromSsize_t(values[i]);
    if (value == nullptr || PyTuple_SetItem(tuple.get(), i, value) < 0)
      return nullptr;
  }
  return tuple.release();
}

/// Each attribute is a function from a usable MemCache to a new object.
using Attribute = PyObject* (*)(MemCache*);

template <Attribute attribute> PyObject* get(PyObject* self, void* /*closure*/) {
  return check_usable(as_memcache(self)) ? attribute(as_memcache(self)) : nullptr;
}

PyObject* or_none(PyObject* object) {
  return Ref::borrow(object != nullptr ? object : Py_None).release();
}

PyObject* get_obj(MemCache* m) { return or_none(m->lease->foreign.obj); }
PyObject* get_wrapper(MemCache* m) { return or_none(m->lease->wrapper); }
PyObject* get_nbytes(MemCache* m) { return PyLong_FromSsize_t(m->nbytes); }
PyObject* get_readonly(MemCache* m) { return PyBool_FromLong(m->readonly); }
PyObject* get_format(MemCache* m) { return PyUnicode_FromString(m->format); }
PyObject* get_itemsize(MemCache* m) { return PyLong_FromSsize_t(m->itemsize); }
PyObject* get_ndim(MemCache* m) { return PyLong_FromLong(m->ndim); }
PyObject* get_shape(MemCache* m) { return tuple_of(m->shape(), m->ndim); }
PyObject* get_strides(MemCache* m) { return tuple_of(m->strides(), m->ndim); }
PyObject* get_suboffsets(MemCache* m) {
  return tuple_of(m->suboffsets(), m->has_suboffsets ? m->ndim : 0);
}
PyObject* get_c_contiguous(MemCache* m) { return PyBool_FromLong(m->c_contiguous); }
PyObject* get_f_contiguous(MemCache* m) { return PyBool_FromLong(m->f_contiguous); }
PyObject* get_contiguous(MemCache* m) {
  return PyBool_FromLong(m->c_contiguous || m->f_contiguous);
}

} // namespace

PyGetSetDef memcache_attributes[] = {
    {"wrapper", get<get_wrapper>, nullptr,
     "The ViewWrapper this cache belongs to, also for sub-views; None if there is none.", nullptr},
    {"obj", get<get_obj>, nullptr,
     "The object whose memory this is; None, for a MemCache has memory of its own.", nullptr},
    {"nbytes", get<get_nbytes>, nullptr,
     "The bytes of all items: product(shape) * itemsize, gaps between them not counted.", nullptr},
    {"readonly", get<get_readonly>, nullptr, "Whether assignment is refused.", nullptr},
    {"format", get<get_format>, nullptr, "The items' format, as in the struct module.", nullptr},
    {"itemsize", get<get_itemsize>, nullptr, "The size in bytes of one item.", nullptr},
    {"ndim", get<get_ndim>, nullptr, "The number of axes.", nullptr},
    {"shape", get<get_shape>, nullptr, "Items along each axis, a tuple of ndim ints.", nullptr},
    {"strides", get<get_strides>, nullptr,
     "Bytes from one item to the next along each axis, a tuple of ndim ints.", nullptr},
    {"suboffsets", get<get_suboffsets>, nullptr, "Always () for a MemCache of a wrapper.", nullptr},
    {"c_contiguous", get<get_c_contiguous>, nullptr,
     "Whether the items lie packed, the last axis fastest.", nullptr},
    {"f_contiguous", get<get_f_contiguous>, nullptr,
     "Whether the items lie packed, the first axis fastest.", nullptr},
    {"contiguous", get<get_contiguous>, nullptr, "Whether the items lie packed in either order.",
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyObject* memcache_repr(PyObject* self) {
  MemCache* cache = as_memcache(self);
  if (is_released(cache))
    return PyUnicode_FromFormat("<released memory of MemCache at %p>", self);
  const Ref shape = Ref::steal(get_shape(cache));
  if (!shape)
    return nullptr;
  return PyUnicode_FromFormat("<memory of MemCache %R '%s' at %p>", shape.get(), cache->format,
                              self);
}

} // namespace rnaslicer::runtime
