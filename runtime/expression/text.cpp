// runtime/expression/text.cpp: reads the text form of a slice expression.
#include "runtime/expression/expression.hpp"

#include <charconv>
#include <stdexcept>

namespace rnaslicer::runtime {

namespace {

/// Recursive descent over the text; every error names the column it was seen at.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Expression expression() {
    Expression items;
    expect('[');
    const std::size_t begin = at_;
    if (!accept("()") || !accept("]")) { // else the empty expression
      at_ = begin;
      do
        items.push_back(item());
      while (accept(","));
      expect(']');
    }
    skip_blanks();
    if (at_ != text_.size())
      fail("nothing after the closing bracket");
    return items;
  }

 private:
  [[noreturn]] void fail(const std::string& expected) const {
    throw std::invalid_argument("slice expression, column " + std::to_string(at_ + 1) +
                                ": expected " + expected);
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n'))
      ++at_;
  }
  /// The next character that is no blank; NUL at the end.
  char peek() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(std::string_view word) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(word))
      return false;
    at_ += word.size();
    return true;
  }
  void expect(char c) {
    if (!accept({&c, 1}))
      fail(std::string("'") + c + "'");
  }

  static bool begins_int(char c) { return c == '-' || (c >= '0' && c <= '9'); }
  static bool begins_string(char c) { return c == '\'' || c == '"'; }

  std::int64_t integer() {
    skip_blanks();
    std::int64_t value = 0;
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range)
      fail("an integer of 64 bits");
    if (error != std::errc())
      fail("an integer");
    at_ += static_cast<std::size_t>(end - begin);
    return value;
  }

  unsigned hex_digit() {
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    unsigned digit = 0;
    if (c >= '0' && c <= '9')
      digit = static_cast<unsigned>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<unsigned>(c - 'a') + 10;
    else
      fail("two hexadecimal digits");
    ++at_;
    return digit;
  }

  char escape() {
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    if (c != '\0')
      ++at_;
    switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case '\\':
    case '\'':
    case '"':
      return c;
    case 'x': {
      const unsigned high = hex_digit();
      return static_cast<char>(high * 16 + hex_digit());
    }
    default:
      fail(R"(one of \\ \' \" \n \t \r \xNN)");
    }
  }

  std::string string() {
    const char mark = peek();
    if (!begins_string(mark))
      fail("a string");
    ++at_;
    std::string value;
    for (;;) {
      if (at_ == text_.size())
        fail("a closing quote");
      const char c = text_[at_++];
      if (c == mark)
        return value;
      value += c == '\\' ? escape() : c;
    }
  }

  std::uint8_t boolean() {
    if (accept("True"))
      return 1;
    if (accept("False"))
      return 0;
    fail("True or False");
  }

  template <typename Entry> auto list(Entry&& entry, char close) {
    std::vector<decltype(entry())> entries;
    do {
      if (peek() == close && !entries.empty())
        break; // a comma may end the list
      entries.push_back(entry());
    } while (accept(","));
    expect(close);
    return entries;
  }

  Item names() {
    if (accept(")"))
      return NamesItem{};
    return NamesItem{list([&] { return string(); }, ')')};
  }

  Item bracketed() {
    const char c = peek();
    if (c == ']') {
      ++at_;
      return IndicesItem{};
    }
    if (begins_string(c))
      return KeysItem{list([&] { return string(); }, ']')};
    if (c == 'T' || c == 'F')
      return MaskItem{list([&] { return boolean(); }, ']')};
    return IndicesItem{list([&] { return integer(); }, ']')};
  }

  Item number_or_slice() {
    SliceItem slice;
    if (begins_int(peek()))
      slice.start = integer();
    if (!accept(":"))
      return IntItem{slice.start.value()};
    if (begins_int(peek()))
      slice.stop = integer();
    if (accept(":") && begins_int(peek()))
      slice.step = integer();
    return slice;
  }

  Item item() {
    if (accept("..."))
      return EllipsisItem{};
    if (accept("("))
      return names();
    if (accept("["))
      return bracketed();
    const char c = peek();
    if (begins_string(c))
      return NameItem{string()};
    if (c == ':' || begins_int(c))
      return number_or_slice();
    fail("an item: a slice, an int, 'name', ('a', 'b'), ['key'], [0, 1], [True, False] or ...");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

} // namespace

Expression parse_expression(std::string_view text) { return Reader(text).expression(); }

} // namespace rnaslicer::runtime
