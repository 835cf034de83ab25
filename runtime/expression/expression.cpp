// runtime/expression/expression.cpp: what every slice expression must satisfy, and how it is
// printed.
#include "runtime/expression/expression.hpp"

#include <algorithm>
#include <utility>

namespace rnaslicer::runtime {

namespace {

constexpr auto empty_name = "has an empty name; use a property's identifier or a swizzle";

// What no supplier could accept about one item; empty if nothing.
std::string problem_of(const SliceItem& slice) {
  return slice.step == 0 ? "has step 0; use a step of 1, -1 or more" : "";
}
std::string problem_of(const NameItem& item) { return item.name.empty() ? empty_name : ""; }
std::string problem_of(const NamesItem& item) {
  if (item.names.empty())
    return "is an empty tuple; name at least one property or swizzle, as in ('co', 'normal')";
  const bool any_empty = std::any_of(item.names.begin(), item.names.end(),
                                     [](const std::string& name) { return name.empty(); });
  return any_empty ? empty_name : "";
}
std::string problem_of(const KeysItem& item) {
  return item.keys.empty() ? "is an empty list of keys; name at least one" : "";
}
template <typename Any> std::string problem_of(const Any&) { return ""; }

/// `a, b, c` with at most `limit` entries.
template <typename List, typename Print>
std::string listing(const List& entries, std::size_t limit, Print&& print_entry) {
  std::string text;
  const std::size_t shown = std::min(limit, entries.size());
  for (std::size_t i = 0; i < shown; ++i) {
    if (i != 0)
      text += ", ";
    text += print_entry(entries[i]);
  }
  if (shown < entries.size())
    text += ", ... " + std::to_string(entries.size() - shown) + " more";
  return text;
}

std::string bool_text(std::uint8_t value) { return value != 0 ? "True" : "False"; }
std::string int_text(std::int64_t value) { return std::to_string(value); }

std::string text_of(const SliceItem& slice, std::size_t) {
  std::string text;
  if (slice.start)
    text += int_text(*slice.start);
  text += ':';
  if (slice.stop)
    text += int_text(*slice.stop);
  if (slice.step)
    text += ':' + int_text(*slice.step);
  return text;
}
std::string text_of(const IntItem& item, std::size_t) { return int_text(item.index); }
std::string text_of(const NameItem& item, std::size_t) { return quote(item.name); }
std::string text_of(const NamesItem& item, std::size_t limit) {
  return '(' + listing(item.names, limit, quote) + (item.names.size() == 1 ? ",)" : ")");
}
std::string text_of(const KeysItem& item, std::size_t limit) {
  return '[' + listing(item.keys, limit, quote) + ']';
}
std::string text_of(const IndicesItem& item, std::size_t limit) {
  return '[' + listing(item.indices, limit, int_text) + ']';
}
std::string text_of(const MaskItem& item, std::size_t limit) {
  return '[' + listing(item.mask, limit, bool_text) + ']';
}
std::string text_of(const EllipsisItem&, std::size_t) { return "..."; }

} // namespace

std::optional<ExpressionProblem> verify(const Expression& expression) {
  if (expression.size() > max_items)
    return ExpressionProblem{0, "has " + std::to_string(expression.size()) +
                                    " items; no path takes more than " + std::to_string(max_items)};
  std::size_t ellipsis = 0;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    if (std::holds_alternative<EllipsisItem>(expression[i])) {
      if (ellipsis != 0)
        return ExpressionProblem{i + 1, "is a second '...' (the first is item " +
                                            std::to_string(ellipsis) +
                                            "); use '...' once and ':' for single axes"};
      ellipsis = i + 1;
    }
    if (auto reason = std::visit([](const auto& item) { return problem_of(item); }, expression[i]);
        !reason.empty())
      return ExpressionProblem{i + 1, std::move(reason)};
  }
  return std::nullopt;
}

std::string quote(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string quoted = "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\' || c == '\'') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (c == '\r') {
      quoted += "\\r";
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += "\\x";
      quoted += digits[byte >> 4U];
      quoted += digits[byte & 15U];
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string print(const Item& item, std::size_t limit) {
  return std::visit([limit](const auto& of) { return text_of(of, limit); }, item);
}

std::string print(const Expression& expression, std::size_t limit) {
  if (expression.empty())
    return "[()]";
  return '[' +
         listing(expression, all_entries, [&](const Item& item) { return print(item, limit); }) +
         ']';
}

} // namespace rnaslicer::runtime
