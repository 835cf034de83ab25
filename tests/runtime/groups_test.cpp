// tests/runtime/groups_test.cpp: children of groups, found by name, by loads and safe reads.
#include "runtime/blender/groups.hpp"

#include <cstddef>
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <string_view>
#include <vector>

namespace {

using namespace rnaslicer::runtime;

constexpr std::uint8_t group_type = 6;
constexpr std::uint8_t number_type = 2;
constexpr std::uint8_t array_type = 5;

struct Property {
  Property* next = nullptr;
  std::uint8_t type = group_type;
  std::uint8_t subtype = 0;
  std::uint16_t flag = 0;
  char name[16] = {};
  Property* first = nullptr;
  const float* array = nullptr;
  double value = 0;
  std::int32_t len = 0;
};

constexpr GroupPlaces places{sizeof(Property),
                             offsetof(Property, type),
                             offsetof(Property, subtype),
                             offsetof(Property, flag),
                             offsetof(Property, name),
                             offsetof(Property, next),
                             offsetof(Property, first),
                             offsetof(Property, value),
                             offsetof(Property, array),
                             offsetof(Property, len),
                             group_type};

constexpr std::string_view wanted{"x\0", 2};
constexpr GroupChild number{wanted, number_type, 0, -1};
constexpr GroupChild three{wanted, array_type, number_type, 3};

std::int64_t address(const void* pointer) { return reinterpret_cast<std::int64_t>(pointer); }

class Groups : public testing::TestWithParam<Reads> {
 protected:
  explicit Groups(std::size_t count = 100) : elements(count) {}

  Property& add(std::size_t at, const char* name, std::uint8_t type = number_type) {
    children.push_back(std::make_unique<Property>());
    Property& child = *children.back();
    child.type = type;
    std::strncpy(child.name, name, sizeof child.name - 1);
    Property** end = &elements[at].first;
    while (*end != nullptr)
      end = &(*end)->next;
    *end = &child;
    return child;
  }

  std::optional<std::int64_t> values(const GroupChild& child, bool may_be_absent = true,
                                     std::int64_t alike = -1) {
    const auto count = static_cast<std::int64_t>(elements.size());
    return part(child, {0, 1, count}, may_be_absent, alike);
  }

  std::optional<std::int64_t> part(const GroupChild& child, GroupPart which, bool may_be_absent,
                                   std::int64_t alike = -1) {
    out.assign(elements.size(), 0);
    const GroupRows rows{static_cast<std::uint64_t>(address(elements.data())), 0, 1, {}};
    const std::int64_t other = may_be_absent ? address(&absent) : 0;
    return group_values(places, child, rows, which, static_cast<std::uint64_t>(other), alike,
                        GetParam(), {reinterpret_cast<std::byte*>(out.data()), 0});
  }

  std::vector<Property> elements;
  std::vector<std::unique_ptr<Property>> children;
  std::vector<std::int64_t> out;
  double absent = 0;
};

TEST_P(Groups, NoneHasAny) {
  EXPECT_EQ(values(number), 0);
  EXPECT_EQ(out, std::vector<std::int64_t>(elements.size(), address(&absent)));
  EXPECT_FALSE(values(number, false));
}

TEST_P(Groups, InWhateverOrder) {
  std::vector<std::int64_t> wanted_out;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    for (std::size_t k = 0; k < i % 4; ++k)
      add(i, k == 0 ? "xx" : "y");
    Property& child = add(i, i == 71 ? "z" : "x");
    wanted_out.push_back(i == 71 ? address(&absent) : address(&child.value));
    if (i % 3 == 0)
      add(i, "behind");
  }
  EXPECT_EQ(values(number), 71);
  EXPECT_EQ(out, wanted_out);
}

TEST_P(Groups, Arrays) {
  const float numbers[4] = {1, 2, 3, 4}; // NOLINT(cppcoreguidelines-avoid-c-arrays)
  for (std::size_t i = 0; i < elements.size(); ++i) {
    Property& child = add(i, "x", array_type);
    child.subtype = number_type;
    child.array = &numbers[i % 2];
    child.len = 3;
  }
  EXPECT_EQ(values(three), -1);
  EXPECT_EQ(out[1], address(&numbers[1]));
  children[50]->len = 4;
  EXPECT_FALSE(values(three));
  children[50]->len = 3;
  children[50]->array = nullptr;
  EXPECT_FALSE(values(three));
}

TEST_P(Groups, NamesOfSeveralWords) {
  constexpr std::string_view longer{"eleven long\0", 12};
  constexpr std::string_view eight{"eight ch\0", 9};
  for (std::size_t i = 0; i < elements.size(); ++i) {
    add(i, i % 2 == 0 ? "eleven lonG" : "eleven long and");
    add(i, "eleven long").value = static_cast<double>(i);
    add(i, i % 3 == 0 ? "eight ch" : "eight c");
    children.back()->name[12] = 'x'; // what lies behind the name is nobody's
  }
  EXPECT_EQ(values({longer, number_type, 0, -1}), -1);
  EXPECT_EQ(out[7], address(&children[22]->value));
  EXPECT_EQ(values({eight, number_type, 0, -1}), 1);
  EXPECT_EQ(out[9], address(&children[29]->value));
}

TEST_P(Groups, ValuesThemselves) {
  for (std::size_t i = 0; i < elements.size(); ++i)
    add(i, i == 5 ? "y" : "x").value = static_cast<double>(i) + 1;
  absent = -3;
  std::vector<double> found(elements.size());
  const GroupRows rows{static_cast<std::uint64_t>(address(elements.data())), 99, -1, {}};
  EXPECT_EQ(group_values(places, number, rows, {0, 1, 100},
                         static_cast<std::uint64_t>(address(&absent)), -1, GetParam(),
                         {reinterpret_cast<std::byte*>(found.data()), sizeof(double)}),
            94);
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_EQ(found[i], i == 94 ? -3 : static_cast<double>(100 - i)) << i;
}

TEST_P(Groups, OtherKinds) {
  for (std::size_t i = 0; i < elements.size(); ++i)
    add(i, "x");
  EXPECT_EQ(values(number), -1);
  children[99]->type = 1;
  EXPECT_FALSE(values(number));
  EXPECT_EQ(part(number, {0, 2, 50}, false), -1); // not among these
  children[99]->type = number_type;
  children[40]->flag = 128;
  EXPECT_EQ(values(number), -1);
  EXPECT_FALSE(values(number, false, 0));
  elements[3].type = 1;
  EXPECT_FALSE(values(number));
}

TEST_P(Groups, PartsLeaveOthersAlone) {
  for (std::size_t i = 0; i < elements.size(); ++i)
    add(i, "x");
  ASSERT_EQ(part(number, {90, -40, 3}, false), -1);
  for (std::size_t i = 0; i < out.size(); ++i)
    EXPECT_EQ(out[i] != 0, i == 10 || i == 50 || i == 90) << i;
}

TEST_P(Groups, NoEnd) {
  Property& child = add(7, "y");
  child.next = &child;
  EXPECT_FALSE(values(number));
}

TEST_P(Groups, NoAddress) {
  elements[7].first = reinterpret_cast<Property*>(17); // NOLINT(performance-no-int-to-ptr)
  EXPECT_FALSE(values(number));
}

INSTANTIATE_TEST_SUITE_P(Both, Groups, testing::Values(Reads::plain, Reads::safe));

} // namespace
