// runtime/transfer/kernel_warning.cpp: compilation trouble for Python's warnings module.
#include "runtime/transfer/kernel_warning.hpp"

#include "runtime/pyref.hpp"

#include <unordered_set>

namespace rnaslicer::runtime {

void warn_if_interpreted(const jit::Kernel& kernel) {
  if (!jit::configuration().jit)
    return;
  const std::string trouble = kernel.trouble();
  if (trouble.empty())
    return;
  static std::unordered_set<std::string> told;
  if (!told.insert(trouble).second)
    return;
  const StashedError stashed;
  const std::string text = "rnaslicer: a kernel could not be compiled and is interpreted, which is "
                           "slower but gives the same values: " +
                           trouble + " (kernel " + kernel.signature().hex() + ")";
  if (PyErr_WarnEx(PyExc_RuntimeWarning, text.c_str(), 1) != 0)
    PyErr_WriteUnraisable(nullptr);
}

} // namespace rnaslicer::runtime
