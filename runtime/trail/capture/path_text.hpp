// runtime/trail/capture/path_text.hpp: reads the steps of a path as bpy writes it, one by one.
#pragma once

#include "runtime/pyref.hpp"

#include <string_view>

namespace rnaslicer::runtime {

class PathText {
 public:
  explicit PathText(std::string_view text) : left_(text) {}

  [[nodiscard]] bool is_over() const { return left_.empty(); }

  /// `.name` or `name`, and nothing else. Throws PythonError.
  bool takes_name(PyObject* name);

  /// `[number]` or `["key"]` as ("item", number) or ("key", key); empty for all else, perhaps with
  /// an error.
  Ref item();

 private:
  Ref number();
  Ref key();

  std::string_view left_;
};

} // namespace rnaslicer::runtime
