// jit/plan_parse.cpp: reads the text that jit/plan_text.cpp prints, strictly.
#include "jit/plan.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <type_traits>

namespace rnaslicer::jit {

namespace {

/// A word for an error message: shortened, and printable whatever the text held.
std::string quoted(std::string_view word) {
  constexpr std::size_t longest = 32;
  std::string text = "'";
  for (const char c : word.substr(0, longest))
    text += c > ' ' && c < '\x7f' ? c : '?';
  text += word.size() > longest ? "...'" : "'";
  return text;
}

/// Hands out the words of plan text, statement by statement, and knows where it is.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) { skip_to_statement(); }

  [[nodiscard]] bool at_end() const { return position_ == text_.size(); }

  /// The next word of this statement; empty at its end.
  [[nodiscard]] std::string_view peek() const {
    std::size_t end = position_;
    while (end < text_.size() && !is_break(text_[end]))
      ++end;
    return text_.substr(position_, end - position_);
  }

  [[nodiscard]] bool accept(std::string_view word) {
    if (peek() != word)
      return false;
    take();
    return true;
  }

  std::string_view take() {
    const std::string_view word = peek();
    position_ += word.size();
    skip_blanks();
    return word;
  }

  void expect(std::string_view word) {
    if (!accept(word))
      fail_expected(quoted(word));
  }

  Scalar take_scalar() {
    const auto scalar = scalar_from_name(peek());
    if (!scalar)
      fail_expected("a scalar type such as i32 or f32");
    take();
    return *scalar;
  }

  std::int64_t take_integer(std::string_view what) { return take_number<std::int64_t>(what, 10); }

  std::uint64_t take_mask() {
    const std::string_view word = peek();
    if (!word.starts_with("0x"))
      fail_expected("a mask such as 0x4");
    std::uint64_t mask = 0;
    if (!read_all(word.substr(2), mask, 16))
      fail_expected("a mask of up to 64 bits");
    take();
    return mask;
  }

  std::int32_t take_small(std::string_view what) { return take_number<std::int32_t>(what, 10); }

  double take_bound() {
    const std::string_view word = peek();
    // from_chars would also take nan and infinity.
    const bool finite = word.find_first_of("ni") == std::string_view::npos;
    if (!finite && word != "inf" && word != "-inf")
      fail_expected("a clamp bound");
    return take_number<double>("a clamp bound", 0);
  }

  void end_statement() {
    if (position_ < text_.size() && !ends_statement(text_[position_]))
      fail("unexpected " + quoted(peek()) + " at the end of the statement");
    skip_to_statement();
  }

  [[noreturn]] void fail_expected(const std::string& what) const {
    const std::string_view word = peek();
    fail("expected " + what + ", found " + (word.empty() ? found_nothing() : quoted(word)));
  }

  [[noreturn]] void fail(const std::string& message) const {
    std::size_t line = 1;
    std::size_t start = 0;
    for (std::size_t i = 0; i < position_; ++i)
      if (text_[i] == '\n') {
        ++line;
        start = i + 1;
      }
    throw std::invalid_argument("plan text, line " + std::to_string(line) + ", column " +
                                std::to_string(position_ - start + 1) + ": " + message);
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
  static bool ends_statement(char c) { return c == '\n' || c == '#'; }
  static bool is_break(char c) { return is_blank(c) || ends_statement(c); }

  [[nodiscard]] std::string found_nothing() const {
    return at_end() ? "the end of the text" : "the end of the line";
  }

  template <typename Number> static bool read_all(std::string_view word, Number& number, int base) {
    const auto result = [&] {
      if constexpr (std::is_floating_point_v<Number>)
        return std::from_chars(word.data(), word.data() + word.size(), number);
      else
        return std::from_chars(word.data(), word.data() + word.size(), number, base);
    }();
    return result.ec == std::errc{} && result.ptr == word.data() + word.size();
  }

  template <typename Number> Number take_number(std::string_view what, int base) {
    Number number{};
    if (!read_all(peek(), number, base))
      fail_expected(std::string(what));
    take();
    return number;
  }

  void skip_blanks() {
    while (position_ < text_.size() && is_blank(text_[position_]))
      ++position_;
  }

  void skip_to_statement() {
    for (;;) {
      skip_blanks();
      if (at_end() || !ends_statement(text_[position_]))
        return;
      if (text_[position_] == '#')
        position_ = std::min(text_.find('\n', position_), text_.size());
      else
        ++position_;
    }
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

Storage parse_storage(Reader& reader) {
  reader.expect("storage");
  Storage storage;
  storage.type = reader.take_scalar();
  if (reader.accept("unorm"))
    storage.decode = Decode::unorm;
  else if (reader.accept("lookup"))
    storage.decode = Decode::lookup;
  else if (reader.accept("difference"))
    storage.decode = Decode::difference;
  else if (const bool flag = reader.accept("flag"); flag || reader.accept("field")) {
    storage.decode = flag ? Decode::flag : Decode::field;
    storage.mask = reader.take_mask();
  }
  storage.inverted = reader.accept("inverted");
  reader.end_statement();
  return storage;
}

Scalar parse_value(Reader& reader) {
  reader.expect("value");
  const Scalar scalar = reader.take_scalar();
  reader.end_statement();
  return scalar;
}

void parse_transform(Reader& reader, Plan& plan) {
  if (reader.accept("point"))
    plan.transform = Transform::point;
  else if (reader.accept("direction"))
    plan.transform = Transform::direction;
  else if (reader.accept("normal"))
    plan.transform = Transform::normal;
  else
    reader.fail_expected("'point', 'direction' or 'normal'");
  reader.expect("step");
  plan.component_step = reader.take_integer("a step in bytes");
  reader.end_statement();
}

Loop parse_loop(Reader& reader) {
  Loop loop;
  if (reader.accept("strided"))
    loop.kind = LoopKind::strided;
  else if (reader.accept("indexed"))
    loop.kind = LoopKind::indexed;
  else if (reader.accept("pointers"))
    loop.kind = LoopKind::pointers;
  else
    reader.fail_expected("'strided', 'indexed' or 'pointers'");
  reader.expect("source");
  loop.source_stride = reader.take_integer("a source stride in bytes");
  reader.expect("cache");
  loop.cache_stride = reader.take_integer("a cache stride in bytes");
  reader.end_statement();
  return loop;
}

/// `3x3`: one word, so that the columns of errors in it stay simple.
std::vector<std::int64_t> parse_lane_shape(Reader& reader) {
  std::vector<std::int64_t> shape;
  const std::string_view word = reader.peek();
  for (const char* next = word.data(); next != word.data() + word.size();) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(next, word.data() + word.size(), count);
    const bool more = end != word.data() + word.size();
    if (error != std::errc{} || count < 0 || (more && *end != 'x'))
      reader.fail_expected("a lane shape such as 3x3");
    shape.push_back(count);
    next = more ? end + 1 : end;
    if (more && next == word.data() + word.size())
      reader.fail_expected("a lane shape such as 3x3");
  }
  if (!word.empty())
    reader.take();
  reader.end_statement();
  return shape;
}

/// Saturates: no text is as long as that.
std::uint64_t count_lanes(const std::vector<std::int64_t>& shape) {
  std::uint64_t count = 1;
  for (const std::int64_t axis : shape)
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(axis), &count))
      return std::numeric_limits<std::uint64_t>::max();
  return count;
}

Lane parse_lane(Reader& reader) {
  reader.expect("lane");
  Lane lane;
  lane.source = reader.take_integer("a source offset in bytes");
  reader.expect("->");
  lane.cache = reader.take_integer("a cache offset in bytes");
  if (reader.accept("mask"))
    lane.mask = reader.take_mask();
  if (reader.accept("lookup"))
    lane.lookup = reader.take_small("the number of a table");
  if (reader.accept("at"))
    lane.at = reader.take_integer("an offset in bytes");
  if (reader.accept("row"))
    lane.row = reader.take_small("the number of a component");
  reader.end_statement();
  return lane;
}

} // namespace

Plan parse(std::string_view text) {
  Reader reader(text);
  reader.expect("plan");
  if (!reader.accept("1"))
    reader.fail_expected("plan version 1");
  reader.end_statement();
  Plan plan;
  plan.storage = parse_storage(reader);
  if (reader.accept("through")) {
    reader.expect("stride");
    plan.target_stride = reader.take_integer("a stride in bytes");
    reader.end_statement();
  }
  plan.value = parse_value(reader);
  if (reader.accept("transform"))
    parse_transform(reader, plan);
  if (reader.accept("clamp")) {
    const double lo = reader.take_bound();
    plan.clamp = Clamp{lo, reader.take_bound()};
    reader.end_statement();
  }
  reader.expect("format");
  plan.format = reader.take_scalar();
  plan.normalized = reader.accept("normalized");
  reader.end_statement();
  while (reader.accept("loop"))
    plan.loops.push_back(parse_loop(reader));
  reader.expect("lanes");
  plan.lane_shape = parse_lane_shape(reader);
  const std::uint64_t lane_count = count_lanes(plan.lane_shape);
  while (plan.lanes.size() < lane_count)
    plan.lanes.push_back(parse_lane(reader));
  if (!reader.at_end())
    reader.fail_expected("the end of the text");
  return plan;
}

} // namespace rnaslicer::jit
