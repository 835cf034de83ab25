// runtime/trail/python/text.hpp: what an expression, a way and settings are, written down, so that
// equal texts mean equal ones (internal).
#pragma once

#include "runtime/pyref.hpp"

#include <string>
#include <utility>
#include <vector>

namespace rnaslicer::runtime {

/// A collection in an expression: where it stands, and its path.
struct GatherItem {
  Py_ssize_t at = 0;
  Ref path;
};

/// `is_plain` turns false at what is not of the plain types: subclasses, arrays.
class Text {
 public:
  Text() { text_.reserve(256); } // most are shorter

  [[nodiscard]] bool is_plain() const { return is_plain_; }
  [[nodiscard]] std::string take() && { return std::move(text_); }
  /// The collections that stood in the expression; their datablocks are not in the text.
  [[nodiscard]] std::vector<GatherItem> take_gathers() { return std::exchange(gathers_, {}); }

  void name(PyObject* object);
  void identity(const void* object) { raw('p', &object, sizeof object); }
  /// A number, a name or None.
  void plain(PyObject* object);
  void expression(PyObject* object);
  /// The steps of a path. Which F-curve it is does not matter to a trail (transfer/trails.py).
  void steps(PyObject* tuple);
  /// Slicer's other settings (its `_more`), as far as a trail depends on them.
  void settings(PyObject* more, bool pads);

 private:
  void refuse();
  void raw(char kind, const void* bytes, std::size_t size);
  void number(PyObject* object);
  void item(PyObject* object);
  void slice(char kind, PyObject* object);
  void several(char kind, PyObject* object, Py_ssize_t count,
               PyObject* (*at)(PyObject*, Py_ssize_t));
  void step(PyObject* object);
  bool gather(PyObject* object, Py_ssize_t at);

  std::string text_;
  bool is_plain_ = true;
  std::vector<GatherItem> gathers_;
};

} // namespace rnaslicer::runtime
