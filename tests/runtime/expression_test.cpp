// tests/runtime/expression_test.cpp: slice expressions as text and back, and what is refused.
#include "runtime/expression/expression.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <stdexcept>

namespace {

using namespace rnaslicer::runtime;

constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
constexpr auto highest = std::numeric_limits<std::int64_t>::max();

struct Sample {
  const char* text;
  Expression expression;
};

const Sample samples[] = {
    {"[()]", {}},
    {"[:]", {SliceItem{}}},
    {"['co']", {NameItem{"co"}}},
    {"[:, 'co', ('xxx', 'yyy', 'zzz'), :]",
     {SliceItem{}, NameItem{"co"}, NamesItem{{"xxx", "yyy", "zzz"}}, SliceItem{}}},
    {"[10:2000:3, 'co', ::-1]", {SliceItem{10, 2000, 3}, NameItem{"co"}, SliceItem{{}, {}, -1}}},
    {"[-5:, :-1, 3, -7]", {SliceItem{-5, {}, {}}, SliceItem{{}, -1, {}}, IntItem{3}, IntItem{-7}}},
    {"[('co',)]", {NamesItem{{"co"}}}},
    {"[['Col'], 'data']", {KeysItem{{"Col"}}, NameItem{"data"}}},
    {R"([['', 'a\'b\\c']])", {KeysItem{{"", "a'b\\c"}}}},
    {R"([['\n\t\r\x01\x7f', 'Größe']])", {KeysItem{{"\n\t\r\x01\x7f", "Größe"}}}},
    {"[[0, 2, -1]]", {IndicesItem{{0, 2, -1}}}},
    {"[[]]", {IndicesItem{}}},
    {"[[True, False]]", {MaskItem{{1, 0}}}},
    {"[..., 2]", {EllipsisItem{}, IntItem{2}}},
    {"[9223372036854775807, -9223372036854775808]", {IntItem{highest}, IntItem{lowest}}},
};

TEST(Expression, PrintsAsTyped) {
  for (const Sample& sample : samples)
    EXPECT_EQ(print(sample.expression), sample.text);
}

TEST(Expression, ReadsWhatItPrints) {
  for (const Sample& sample : samples)
    EXPECT_EQ(parse_expression(sample.text), sample.expression) << sample.text;
}

TEST(Expression, ReadsOtherSpellings) {
  EXPECT_EQ(parse_expression("  [ : ,\"co\" ,( 'x' , ) , [1,2,] ]  "),
            (Expression{SliceItem{}, NameItem{"co"}, NamesItem{{"x"}}, IndicesItem{{1, 2}}}));
  EXPECT_EQ(parse_expression("[::]"), Expression{SliceItem{}});
  EXPECT_EQ(parse_expression("[\"it's\"]"), Expression{NameItem{"it's"}});
}

TEST(Expression, NamesTheColumnOfAnError) {
  const std::pair<const char*, const char*> broken[] = {
      {"", "column 1"},
      {"[", "column 2"},
      {"[:", "column 3"},
      {"[: 'co']", "column 4"},
      {"[,]", "column 2"},
      {"['co'] x", "column 8"},
      {"['co", "closing quote"},
      {"['\\q']", "column 5"},
      {"['\\x0g']", "hexadecimal"},
      {"[(1, 2)]", "a string"},
      {"[[1, 'a']]", "an integer"},
      {"[['a', 1]]", "a string"},
      {"[[True, 1]]", "True or False"},
      {"[9223372036854775808]", "64 bits"},
      {"[1.5]", "column 3"},
      {"[None]", "an item"},
      {"[1:2:3:4]", "column 7"},
      {"[-]", "an integer"},
  };
  for (const auto& [text, part] : broken) {
    try {
      parse_expression(text);
      ADD_FAILURE() << text << " was read";
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << text << ": " << error.what();
    }
  }
}

TEST(Expression, VerifyNamesTheItem) {
  const auto problem_at = [](const char* text) {
    const auto problem = verify(parse_expression(text));
    return problem ? std::to_string(problem->item) + " " + problem->reason : "";
  };
  EXPECT_EQ(problem_at("[:, 'co', ('x', 'y'), 3, ['a'], [], [True], ...]"), "");
  EXPECT_EQ(problem_at("[()]"), "");
  EXPECT_EQ(problem_at("[::0]").rfind("1 has step 0", 0), 0U);
  EXPECT_EQ(problem_at("[..., 'co', ...]").rfind("3 is a second '...' (the first is item 1)", 0),
            0U);
  EXPECT_EQ(problem_at("[:, '']").rfind("2 has an empty name", 0), 0U);
  EXPECT_EQ(problem_at("[('a', '')]").rfind("1 has an empty name", 0), 0U);
  EXPECT_EQ(problem_at("[(), :]").rfind("1 is an empty tuple", 0), 0U);
  EXPECT_EQ(problem_at("[['']]"), ""); // a layer may have an empty name
  EXPECT_EQ(verify(Expression(max_items, IntItem{})), std::nullopt);
  EXPECT_EQ(verify(Expression(max_items + 1, IntItem{}))->item, 0U);
}

TEST(Expression, ShortensLongLists) {
  const Expression many{IndicesItem{std::vector<std::int64_t>(1000, 7)}};
  EXPECT_EQ(print(many, 3), "[[7, 7, 7, ... 997 more]]");
  EXPECT_EQ(print(many, 1000), print(many));
}

/// Where random cases begin: RNASLICER_SEED (./run fuzz), else always the same.
unsigned seed() {
  const char* const text = std::getenv("RNASLICER_SEED");
  return text != nullptr ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : 1;
}

/// Any expression that verify() accepts.
class RandomExpression {
 public:
  explicit RandomExpression(unsigned seed) : random_(seed) {}

  Expression next() {
    Expression expression;
    bool ellipsis = false;
    for (std::size_t count = below(6); count > 0; --count) {
      Item item = next_item();
      if (std::holds_alternative<EllipsisItem>(item) && std::exchange(ellipsis, true))
        continue;
      expression.push_back(std::move(item));
    }
    return expression;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::int64_t number() {
    constexpr std::int64_t special[] = {0, 1, -1, lowest, highest};
    return below(3) == 0 ? special[below(5)] : static_cast<std::int64_t>(below(2000)) - 1000;
  }
  std::optional<std::int64_t> maybe(std::int64_t value) {
    return below(2) == 0 ? std::optional(value) : std::nullopt;
  }
  std::string word() {
    std::string text(1 + below(8), ' ');
    for (char& c : text)
      c = static_cast<char>(below(256));
    return text;
  }
  std::vector<std::string> words() {
    std::vector<std::string> list(1 + below(4));
    for (auto& text : list)
      text = word();
    return list;
  }
  Item next_item() {
    switch (below(8)) {
    case 0: {
      const std::int64_t step = number();
      return SliceItem{maybe(number()), maybe(number()), maybe(step == 0 ? 1 : step)};
    }
    case 1:
      return IntItem{number()};
    case 2:
      return NameItem{word()};
    case 3:
      return NamesItem{words()};
    case 4:
      return KeysItem{words()};
    case 5: {
      IndicesItem item{std::vector<std::int64_t>(below(5))};
      for (auto& index : item.indices)
        index = number();
      return item;
    }
    case 6: {
      MaskItem item{std::vector<std::uint8_t>(1 + below(4))};
      for (auto& entry : item.mask)
        entry = static_cast<std::uint8_t>(below(2));
      return item;
    }
    default:
      return EllipsisItem{};
    }
  }

  std::mt19937 random_;
};

TEST(Expression, RandomOnesSurviveTheRoundTrip) {
  RandomExpression random(seed());
  for (int i = 0; i < 20000; ++i) {
    const Expression expression = random.next();
    const std::string text = print(expression);
    ASSERT_EQ(verify(expression), std::nullopt) << text;
    ASSERT_EQ(parse_expression(text), expression) << text;
  }
}

TEST(Expression, RandomDamageIsReadOrRefused) {
  RandomExpression random(seed());
  std::mt19937 damage(seed() + 1);
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = print(random.next());
    const std::size_t at = damage() % text.size();
    switch (damage() % 3) {
    case 0:
      text[at] = static_cast<char>(damage() % 256);
      break;
    case 1:
      text.erase(at, 1 + damage() % 3);
      break;
    default:
      text.insert(at, 1, "[](),:'\\-0.T"[damage() % 12]);
    }
    try {
      const Expression read = parse_expression(text);
      ASSERT_EQ(parse_expression(print(read)), read) << text;
    } catch (const std::invalid_argument&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 5000);
}

} // namespace
