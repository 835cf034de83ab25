// runtime/expression/expression.hpp: the slice expression as a list of items: checks and text,
// without Python.
//
// What each item means depends on what the path has reached; that is the resolver's business. Here
// stands only what holds for every supplier. The text form is what a user would type:
//
//   [:, 'co', ('xxx', 'yyy'), 3, 10:20:-1, ['Col'], [0, 2], [True, False], ...]
//
// The empty expression is `[()]`, as in Python.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rnaslicer::runtime {

/// `start:stop:step`, each as written; what is missing depends on the extent.
struct SliceItem {
  std::optional<std::int64_t> start, stop, step;
  bool operator==(const SliceItem&) const = default;
};
/// One element or component; negative counts from the end.
struct IntItem {
  std::int64_t index = 0;
  bool operator==(const IntItem&) const = default;
};
/// A property, or a swizzle.
struct NameItem {
  std::string name; ///< UTF-8
  bool operator==(const NameItem&) const = default;
};
/// An axis over several properties or swizzles: `('xxx', 'yyy')`.
struct NamesItem {
  std::vector<std::string> names;
  bool operator==(const NamesItem&) const = default;
};
/// An axis over keyed elements: `['Col', 'Mask']`.
struct KeysItem {
  std::vector<std::string> keys;
  bool operator==(const KeysItem&) const = default;
};
/// A gathered axis: `[4, 0, -1]`.
struct IndicesItem {
  std::vector<std::int64_t> indices;
  bool operator==(const IndicesItem&) const = default;
};
/// A gathered axis of the elements marked true. Entries are 0 or 1.
struct MaskItem {
  std::vector<std::uint8_t> mask;
  bool operator==(const MaskItem&) const = default;
};
/// `...`: as many `:` as fit.
struct EllipsisItem {
  bool operator==(const EllipsisItem&) const = default;
};

using Item = std::variant<SliceItem, IntItem, NameItem, NamesItem, KeysItem, IndicesItem, MaskItem,
                          EllipsisItem>;
using Expression = std::vector<Item>;

/// More items than any path can take; refused so that nothing downstream needs to worry.
inline constexpr std::size_t max_items = 64;
/// For print(): every entry of a list.
inline constexpr std::size_t all_entries = static_cast<std::size_t>(-1);

/// What is wrong with one item or the list of items. `item` counts from 1; 0 is the whole list.
struct ExpressionProblem {
  std::size_t item = 0;
  std::string reason; ///< "has step 0; use a step of 1 or -1", without subject
};

/// The first problem that no supplier could accept, or nothing.
std::optional<ExpressionProblem> verify(const Expression& expression);

/// The text of one item. Lists longer than `limit` end in `... 997 more`, which does not parse.
std::string print(const Item& item, std::size_t limit = all_entries);
/// The text of the expression in brackets; `parse_expression(print(e)) == e` without a limit, but
/// for an empty mask, which reads as the empty list of indices.
std::string print(const Expression& expression, std::size_t limit = all_entries);
/// A string as a Python literal in single quotes.
std::string quote(std::string_view text);

/// Reads the text form. Does not verify. Throws std::invalid_argument naming the column, from 1.
Expression parse_expression(std::string_view text);

} // namespace rnaslicer::runtime
