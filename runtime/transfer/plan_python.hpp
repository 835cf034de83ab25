// runtime/transfer/plan_python.hpp: the Python type Plan, a verified access plan.
#pragma once

#include "jit/plan.hpp"

#include <Python.h>
#include <memory>
#include <string>
#include <string_view>

namespace rnaslicer::runtime {

/// A verified plan and what is derived from it once. Never changes.
struct PlanData {
  jit::Plan plan;
  jit::Signature signature;
  std::string text; ///< canonical
};

/// Throws std::invalid_argument with the verifier's sentence.
std::shared_ptr<const PlanData> make_plan_data(jit::Plan plan);

/// The plan of a Plan object; raises TypeError (as PythonError) for anything else.
std::shared_ptr<const PlanData> plan_data(PyObject* object);

/// A str of UTF-8 text. New reference or null.
PyObject* new_text(std::string_view text);
/// A bytes object. New reference or null.
PyObject* new_bytes(std::string_view bytes);

} // namespace rnaslicer::runtime
