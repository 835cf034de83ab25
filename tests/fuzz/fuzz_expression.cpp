// tests/fuzz/fuzz_expression.cpp: slice expressions from text and from items, and back.
//
// The first byte chooses: text is read as it is; items are made of the bytes, printed and read.
#include "runtime/expression/expression.hpp"
#include "tests/fuzz/input.hpp"

#include <stdexcept>

namespace {

using namespace rnaslicer::runtime;
using rnaslicer::fuzz::expect;
using rnaslicer::fuzz::Numbers;

/// What comes back from the text of an expression: an empty mask reads as an empty list of indices.
Expression as_read(Expression expression) {
  for (Item& item : expression)
    if (const auto* mask = std::get_if<MaskItem>(&item); mask != nullptr && mask->mask.empty())
      item = IndicesItem{};
  return expression;
}

void check(const Expression& expression) {
  for (const std::size_t limit : {0U, 1U, 3U})
    expect(!print(expression, limit).empty(), "no text");
  if (const auto problem = verify(expression)) {
    expect(!problem->reason.empty() && problem->item <= expression.size(), "a problem of nothing");
    return; // an empty tuple alone has the text of the empty expression
  }
  expect(parse_expression(print(expression)) == as_read(expression), "text does not read back");
}

void from_text(std::string_view text) {
  Expression expression;
  try {
    expression = parse_expression(text);
  } catch (const std::invalid_argument& error) {
    expect(std::string_view(error.what()).find("column") != std::string_view::npos,
           "an error without a column");
    return;
  }
  check(expression);
}

template <typename Entry> auto list(Numbers& numbers, Entry&& entry) {
  std::vector<decltype(entry())> entries;
  for (auto count = numbers.between(0, 5); count > 0; --count)
    entries.push_back(entry());
  return entries;
}

Item item(Numbers& numbers) {
  const auto text = [&] { return numbers.text(); };
  const auto optional = [&]() -> std::optional<std::int64_t> {
    return numbers.between(0, 1) != 0 ? std::optional(numbers.integer()) : std::nullopt;
  };
  switch (numbers.between(0, 7)) {
  case 0: {
    const auto start = optional();
    const auto stop = optional();
    return SliceItem{start, stop, optional()};
  }
  case 1:
    return IntItem{numbers.integer()};
  case 2:
    return NameItem{text()};
  case 3:
    return NamesItem{list(numbers, text)};
  case 4:
    return KeysItem{list(numbers, text)};
  case 5:
    return IndicesItem{list(numbers, [&] { return numbers.integer(); })};
  case 6:
    return MaskItem{
        list(numbers, [&] { return static_cast<std::uint8_t>(numbers.between(0, 1)); })};
  default:
    return EllipsisItem{};
  }
}

void from_items(std::string_view bytes) {
  Numbers numbers(bytes);
  Expression expression;
  while (!numbers.empty())
    expression.push_back(item(numbers));
  check(expression);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes[0] == 'i')
    from_items(bytes.substr(1));
  else
    from_text(bytes.substr(bytes[0] == 't' ? 1 : 0));
  return 0;
}
