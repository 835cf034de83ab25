// runtime/trail/capture/path_text.cpp: the steps of a path as bpy writes it.
#include "runtime/trail/capture/path_text.hpp"

#include <charconv>
#include <string>

namespace rnaslicer::runtime {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// What a letter behind a backslash stands for, as Blender writes it (BLI_str_escape).
char unescaped(char c) {
  static constexpr std::string_view letters = "tnrabf";
  static constexpr std::string_view stands = "\t\n\r\a\b\f";
  const auto at = letters.find(c);
  return at == std::string_view::npos ? c : stands[at];
}

} // namespace

bool PathText::takes_name(PyObject* name) {
  if (!left_.empty() && left_.front() == '.')
    left_.remove_prefix(1);
  Py_ssize_t size = 0;
  const char* const wanted = PyUnicode_AsUTF8AndSize(name, &size);
  if (wanted == nullptr)
    throw PythonError();
  if (!left_.starts_with(std::string_view(wanted, static_cast<std::size_t>(size))))
    return false;
  left_.remove_prefix(static_cast<std::size_t>(size));
  return left_.empty() || !is_letter(left_.front());
}

Ref PathText::item() {
  if (!left_.starts_with('['))
    return {};
  return left_.starts_with("[\"") ? key() : number();
}

Ref PathText::number() {
  Py_ssize_t value = -1;
  const char* const begin = left_.data() + 1;
  const auto [end, error] = std::from_chars(begin, left_.data() + left_.size(), value);
  if (error != std::errc{} || value < 0 || end == left_.data() + left_.size() || *end != ']')
    return {};
  left_.remove_prefix(static_cast<std::size_t>(end + 1 - left_.data()));
  return checked(Py_BuildValue("(sn)", "item", value));
}

Ref PathText::key() {
  std::string found;
  std::size_t at = 2;
  for (; at < left_.size() && left_[at] != '"'; ++at) {
    const bool is_escaped = left_[at] == '\\';
    if (is_escaped && ++at == left_.size())
      return {};
    found += is_escaped ? unescaped(left_[at]) : left_[at];
  }
  if (at + 1 >= left_.size() || left_[at + 1] != ']' || found.find('\0') != std::string::npos)
    return {};
  left_.remove_prefix(at + 2);
  const Ref text =
      Ref::steal(PyUnicode_FromStringAndSize(found.data(), static_cast<Py_ssize_t>(found.size())));
  return text ? checked(Py_BuildValue("(sO)", "key", text.get())) : Ref();
}

} // namespace rnaslicer::runtime
