// runtime/trail/python/matrices.cpp: inverses, and numbers from Python's rows.
#include "runtime/trail/python/matrices.hpp"

#include "runtime/blender/names.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

std::optional<Matrix> inverse(const Matrix& m) {
  const auto [a, b, c, x, d, e, f, y, g, h, i, z] = m;
  const std::array<double, 9> cofactors{e * i - f * h, c * h - b * i, b * f - c * e,
                                        f * g - d * i, a * i - c * g, c * d - a * f,
                                        d * h - e * g, b * g - a * h, a * e - b * d};
  const double det = a * cofactors[0] + b * cofactors[3] + c * cofactors[6];
  if (det == 0)
    return std::nullopt;
  std::array<double, 9> r{};
  std::ranges::transform(cofactors, r.begin(), [&](double one) { return one / det; });
  Matrix found{};
  for (std::size_t k = 0; k < 3; ++k) {
    const double* const row = r.data() + 3 * k;
    std::copy_n(row, 3, found.begin() + static_cast<std::ptrdiff_t>(4 * k));
    found[4 * k + 3] = -((row[0] * x + row[1] * y) + row[2] * z);
  }
  if (!std::ranges::all_of(found, [](double one) { return std::isfinite(one); }))
    return std::nullopt;
  return found;
}

/// Without the translation.
Matrix transposed(const Matrix& m) {
  return {m[0], m[4], m[8], 0, m[1], m[5], m[9], 0, m[2], m[6], m[10], 0};
}

bool is_usable(const Matrix& matrix) {
  return std::ranges::all_of(matrix, [](double one) { return std::isfinite(one); }) &&
         inverse(matrix);
}

/// Whether it may be a complex number: NumPy's turn into floats, but without their imaginary part.
bool may_be_complex(PyObject* number) {
  return PyFloat_Check(number) == 0 && PyLong_Check(number) == 0 &&
         PyObject_HasAttrString(number, "__complex__") != 0;
}

/// Entry `column` of a row as a number; nothing, perhaps with an error, where Python is to look.
std::optional<double> number_at(PyObject* row, Py_ssize_t column) {
  const Ref item = Ref::steal(PySequence_GetItem(row, column));
  if (item && may_be_complex(item.get()))
    return std::nullopt;
  const double found = item ? PyFloat_AsDouble(item.get()) : -1;
  if (PyErr_Occurred() != nullptr)
    return std::nullopt;
  return found;
}

/// Whether what was given is a matrix alone: its rows' entries have no length.
bool is_alone(PyObject* first_row) {
  const Ref entry = Ref::steal(PySequence_GetItem(first_row, 0));
  const bool alone = entry && PySequence_Size(entry.get()) < 0;
  drop_error();
  return alone;
}

/// A matrix of three rows, or of four with the usual last; nothing, perhaps with an error, else.
std::optional<Matrix> given_matrix(PyObject* rows) {
  const Py_ssize_t count = PySequence_Size(rows);
  if (count == 4) {
    const Ref last = Ref::steal(PySequence_GetItem(rows, 3));
    if (!last || PySequence_Size(last.get()) != 4)
      return std::nullopt;
    for (Py_ssize_t column = 0; column < 4; ++column)
      if (number_at(last.get(), column) != (column == 3 ? 1.0 : 0.0))
        return std::nullopt;
  }
  return count == 3 || count == 4 ? matrix_of(rows) : std::nullopt;
}

std::optional<Matrices> given_matrices(PyObject* transform, bool& alone) {
  const Py_ssize_t count = PySequence_Size(transform);
  const Ref first = count > 0 ? Ref::steal(PySequence_GetItem(transform, 0)) : Ref();
  alone = first && is_alone(first.get());
  if (!first)
    return std::nullopt;
  Matrices found;
  for (Py_ssize_t i = 0; i < (alone ? 1 : count); ++i) {
    const Ref one = alone ? Ref::borrow(transform) : Ref::steal(PySequence_GetItem(transform, i));
    const auto matrix = one ? given_matrix(one.get()) : std::nullopt;
    if (!matrix)
      return std::nullopt;
    found.push_back(*matrix);
  }
  return found;
}

} // namespace

std::optional<Matrices> matrices_in(PyObject* numbers) {
  if (PyBytes_Check(numbers) == 0)
    return std::nullopt;
  const auto size = static_cast<std::size_t>(PyBytes_Size(numbers));
  if (size == 0 || size % sizeof(Matrix) != 0)
    return std::nullopt;
  Matrices found(size / sizeof(Matrix));
  std::memcpy(found.data(), PyBytes_AsString(numbers), size);
  return found;
}

PyObject* numbers_in(PyObject* more) {
  PyObject* const given =
      PyDict_Check(more) != 0 ? PyDict_GetItemWithError(more, names().transform) : nullptr;
  const bool is_given = given != nullptr && PyTuple_Check(given) != 0 && PyTuple_Size(given) == 2;
  return is_given ? PyTuple_GetItem(given, 0) : Py_None;
}

std::optional<Matrix> matrix_of(PyObject* rows) {
  Matrix found{};
  for (std::size_t k = 0; k < found.size(); k += 4) {
    const Ref row = Ref::steal(PySequence_GetItem(rows, static_cast<Py_ssize_t>(k / 4)));
    if (!row || PySequence_Size(row.get()) != 4)
      return drop_error(), std::nullopt;
    for (std::size_t column = 0; column < 4; ++column) {
      const auto number = number_at(row.get(), static_cast<Py_ssize_t>(column));
      if (!number)
        return drop_error(), std::nullopt;
      found.at(k + column) = *number;
    }
  }
  return is_usable(found) ? std::optional(found) : std::nullopt;
}

Matrices there(jit::Transform kind, Matrices matrices) {
  if (kind == jit::Transform::normal)
    for (Matrix& one : matrices)
      one = transposed(*inverse(one));
  return matrices;
}

Matrices back(jit::Transform kind, Matrices matrices) {
  for (Matrix& one : matrices)
    one = kind == jit::Transform::normal ? transposed(one) : *inverse(one);
  return matrices;
}

PyObject* module_matrices(PyObject*, PyObject* transform) {
  return guarded([&]() -> PyObject* {
    bool alone = false;
    std::optional<Matrices> found;
    if (PyUnicode_Check(transform) == 0)
      found = given_matrices(transform, alone);
    if (!found) { // Python says what is wrong, or takes what is no sequence
      drop_error();
      Py_RETURN_NONE;
    }
    const Ref numbers =
        checked(PyBytes_FromStringAndSize(reinterpret_cast<const char*>(found->data()),
                                          static_cast<Py_ssize_t>(found->size() * sizeof(Matrix))));
    return Py_BuildValue("(OO)", numbers.get(), alone ? Py_True : Py_False);
  });
}

} // namespace rnaslicer::runtime
