// tests/runtime/walks_test.cpp: lists and nested arrays, whole and broken, by loads and safe reads.
#include "runtime/blender/walks.hpp"

#include <cstddef>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <vector>

namespace {

using namespace rnaslicer::runtime;

std::int64_t address(const void* pointer) { return reinterpret_cast<std::int64_t>(pointer); }
std::uint64_t start(const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }

template <class T> T* nobodys(std::uint64_t address) {
  return reinterpret_cast<T*>(address); // NOLINT(performance-no-int-to-ptr)
}

struct Node {
  std::int64_t before = 11;
  Node* next = nullptr;
  std::int64_t between = 12;
  Node* prev = nullptr;
};
constexpr Links links{offsetof(Node, next), offsetof(Node, prev)};
constexpr Links forward{offsetof(Node, next), -1};

/// A list over shuffled nodes, so that order in memory and in the list differ.
struct List {
  explicit List(std::size_t count) : nodes(count), order(count) {
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(),
                 std::mt19937(7)); // NOLINT(cert-msc32-c,cert-msc51-cpp)
    for (std::size_t i = 0; i + 1 < count; ++i) {
      node(i).next = &node(i + 1);
      node(i + 1).prev = &node(i);
    }
  }
  Node& node(std::size_t i) { return nodes[order[i]]; }
  std::vector<std::int64_t> addresses() {
    std::vector<std::int64_t> all;
    for (std::size_t i = 0; i < order.size(); ++i)
      all.push_back(address(&node(i)));
    return all;
  }
  bool walk(Reads reads, std::vector<std::int64_t>& out, Links how = links,
            std::span<const std::int64_t> known = {}) {
    return walk_list(start(&node(0)), start(&node(order.size() - 1)), how, reads, known, out);
  }
  std::vector<Node> nodes;
  std::vector<std::size_t> order;
};

class Walks : public testing::TestWithParam<Reads> {};

TEST(WalkWhole, AsManyAsThereAre) {
  EXPECT_EQ(walk_whole(0, 0, links), std::vector<std::int64_t>());
  for (const std::size_t count : {1U, 2U, 3U, 100U}) {
    List list(count);
    const auto first = start(&list.node(0));
    const auto last = start(&list.node(count - 1));
    EXPECT_EQ(walk_whole(first, last, links), list.addresses());
    EXPECT_EQ(walk_whole(first, last, forward), list.addresses());
    EXPECT_FALSE(walk_whole(first, 0, links));
    EXPECT_FALSE(walk_whole(0, last, links));
    EXPECT_FALSE(walk_whole(first + 2, last, links)); // no address of a struct
  }
}

TEST(WalkWhole, BrokenLists) {
  List list(9);
  const auto first = start(&list.node(0));
  const auto last = start(&list.node(8));
  list.node(8).next = &list.node(0); // no end
  EXPECT_FALSE(walk_whole(first, last, links));
  list.node(8).next = nullptr;
  list.node(4).prev = &list.node(2);
  EXPECT_FALSE(walk_whole(first, last, links));
  list.node(4).prev = &list.node(3);
  list.node(5).next = nobodys<Node>(8);
  EXPECT_FALSE(walk_whole(first, last, links));
  list.node(5).next = nullptr; // ends too soon
  EXPECT_FALSE(walk_whole(first, last, links));
}

TEST_P(Walks, ListInOrder) {
  for (const std::size_t count : {1U, 2U, 3U, 100U}) {
    List list(count);
    std::vector<std::int64_t> out(count);
    for (const Links how : {links, forward}) {
      out.assign(count, 0);
      EXPECT_TRUE(list.walk(GetParam(), out, how));
      EXPECT_EQ(out, list.addresses());
    }
  }
}

TEST_P(Walks, EmptyListHasNoEnds) {
  const Node node;
  EXPECT_TRUE(walk_list(0, 0, links, GetParam(), {}, {}));
  EXPECT_FALSE(walk_list(start(&node), 0, links, GetParam(), {}, {}));
  EXPECT_FALSE(walk_list(0, start(&node), links, GetParam(), {}, {}));
}

TEST_P(Walks, KnownAddressesAreOnlyCompared) {
  List list(100);
  const auto right = list.addresses();
  std::vector<std::int64_t> out(100);
  std::vector<std::vector<std::int64_t>> guesses(5, right);
  std::swap(guesses[1][40], guesses[1][41]);
  guesses[2][0] = 0;
  guesses[3].back() = -1;
  guesses[4].assign(100, 8);
  for (const auto& known : guesses) {
    out.assign(100, 0);
    EXPECT_TRUE(list.walk(GetParam(), out, links, known));
    EXPECT_EQ(out, right);
  }
  out = right;
  EXPECT_TRUE(list.walk(GetParam(), out, links, out)); // in place
  EXPECT_EQ(out, right);
}

TEST(SameList, OnlyWithAllItsNeighboursAndNumbers) {
  constexpr std::size_t count = 60;
  List list(count);
  const auto known = list.addresses();
  std::vector<std::int32_t> numbers(count);
  for (std::size_t i = 0; i < count; ++i) {
    numbers[i] = static_cast<std::int32_t>(i) - 5;
    list.node(i).between = numbers[i];
  }
  const auto same = [&](std::span<const std::int64_t> addresses, Links how = links) {
    return same_list(start(&list.node(0)), start(&list.node(count - 1)), how, addresses,
                     offsetof(Node, between), numbers);
  };
  EXPECT_TRUE(same(known));
  EXPECT_TRUE(same(known, forward));
  EXPECT_FALSE(same(std::span(known).first(count - 1)));
  for (const std::size_t i : {0U, 31U, 59U}) {
    auto others = known;
    others[i] = 8;
    EXPECT_FALSE(same(others)) << i;
    ++list.node(i).between;
    EXPECT_FALSE(same(known)) << i;
    --list.node(i).between;
    for (Node* Node::*link : {&Node::next, &Node::prev}) {
      Node* const was = list.node(i).*link;
      list.node(i).*link = was == nullptr ? &list.node(3) : nullptr;
      EXPECT_FALSE(same(known)) << i;
      list.node(i).*link = was;
    }
  }
  EXPECT_TRUE(same(known));
  EXPECT_FALSE(same_list(start(&list.node(0)), start(&list.node(1)), links, known,
                         offsetof(Node, between), numbers));
  EXPECT_TRUE(same_list(0, 0, links, {}, 0, {}));
  EXPECT_FALSE(same_list(start(&list.node(0)), 0, links, {}, 0, {}));
}

TEST_P(Walks, RefusesAListThatIsCut) {
  List list(50);
  std::vector<std::int64_t> out(50);
  const auto broken = [&](auto change) {
    List other(50);
    change(other);
    return !other.walk(GetParam(), out);
  };
  EXPECT_FALSE(broken([](List&) {}));
  EXPECT_TRUE(broken([](List& l) { l.node(20).next = nullptr; }));
  EXPECT_TRUE(broken([](List& l) { l.node(20).next = &l.node(22); }));
  EXPECT_TRUE(broken([](List& l) { l.node(20).next = &l.node(20); }));
  EXPECT_TRUE(broken([](List& l) { l.node(20).next = &l.node(3); }));
  EXPECT_TRUE(broken([](List& l) { l.node(20).prev = nullptr; }));
  EXPECT_TRUE(broken([](List& l) { l.node(0).prev = &l.node(49); }));
  EXPECT_TRUE(broken([](List& l) { l.node(49).next = &l.node(0); }));
  EXPECT_TRUE(broken([](List& l) { // no address at all
    l.node(20).next = nobodys<Node>(16);
  }));
  EXPECT_TRUE(broken([](List& l) { l.node(20).next = nobodys<Node>(0x8000'0000'0000'0000); }));
}

TEST_P(Walks, RefusesAnotherLengthOrEnd) {
  List list(50);
  for (const std::size_t count : {49U, 51U, 0U}) {
    std::vector<std::int64_t> out(count);
    EXPECT_FALSE(list.walk(GetParam(), out));
  }
  std::vector<std::int64_t> out(50);
  EXPECT_FALSE(walk_list(start(&list.node(0)), start(&list.node(48)), links, GetParam(), {}, out));
  EXPECT_FALSE(walk_list(start(&list.node(1)), start(&list.node(49)), links, GetParam(), {}, out));
  EXPECT_FALSE(walk_list(0, start(&list.node(49)), links, GetParam(), {}, out));
}

TEST(WalksSafe, UnreadableMemoryIsRefused) {
  List list(9);
  list.node(5).next = nobodys<Node>(1 << 20); // plausible, but nobody's
  std::vector<std::int64_t> out(9);
  EXPECT_FALSE(list.walk(Reads::safe, out));
  const std::vector<std::int64_t> nowhere{address(&list), 1 << 20};
  EXPECT_FALSE(follow_pointers(nowhere, 0, Reads::safe, std::span(out).first(2)));
  ArrayRows rows{1 << 20, 16, 4, nullptr, 0, 8};
  EXPECT_FALSE(row_offsets(rows, Reads::safe, std::span(out).first(5)));
}

TEST_P(Walks, PointersInsideElements) {
  List list(60);
  const auto all = list.addresses();
  std::vector<std::int64_t> out(59);
  const std::int64_t at = offsetof(Node, next);
  EXPECT_TRUE(follow_pointers(std::span(all).first(59), at, GetParam(), out));
  EXPECT_EQ(out, std::vector<std::int64_t>(all.begin() + 1, all.end()));
  out.resize(60);
  EXPECT_FALSE(follow_pointers(all, at, GetParam(), out)); // the last one's is null
  EXPECT_TRUE(follow_pointers({}, at, GetParam(), {}));
  EXPECT_FALSE(are_null(all, at, GetParam()));
  EXPECT_TRUE(are_null(std::span(all).last(1), at, GetParam()));
  EXPECT_TRUE(are_null({}, at, GetParam()));
  EXPECT_FALSE(are_null(std::vector<std::int64_t>{0}, at, GetParam()));
}

struct Weight {
  std::int32_t group = 0;
  float weight = 0;
};
struct Owner {
  Weight* weights = nullptr;
  std::int32_t count = 0;
  std::int32_t flag = 77;
};

/// Owners of 0 to 4 weights each.
struct Owners {
  explicit Owners(std::size_t count) : arrays(count), owners(count) {
    for (std::size_t i = 0; i < count; ++i) {
      arrays[i].resize(i * 7 % 5);
      owners[i].count = static_cast<std::int32_t>(arrays[i].size());
      owners[i].weights = arrays[i].empty() ? nullptr : arrays[i].data();
    }
  }
  [[nodiscard]] ArrayRows rows(std::int64_t from, std::int64_t step, std::int64_t count) const {
    return {start(owners.data() + from),
            step * static_cast<std::int64_t>(sizeof(Owner)),
            count,
            nullptr,
            offsetof(Owner, weights),
            offsetof(Owner, count)};
  }
  std::vector<std::vector<Weight>> arrays;
  std::vector<Owner> owners;
};

TEST_P(Walks, RowsOfEverySelection) {
  const Owners data(30'000); // more than one chunk
  const auto check = [&](const ArrayRows& rows, auto index) {
    std::vector<std::int64_t> offsets{0};
    std::vector<std::int64_t> items;
    std::vector<std::int64_t> arrays;
    for (std::int64_t i = 0; i < rows.count; ++i) {
      const auto& array = data.arrays[static_cast<std::size_t>(index(i))];
      for (const Weight& weight : array)
        items.push_back(address(&weight));
      arrays.push_back(array.empty() ? 0 : address(array.data()));
      offsets.push_back(static_cast<std::int64_t>(items.size()));
    }
    std::vector<std::int64_t> found(offsets.size(), -1);
    ASSERT_TRUE(row_offsets(rows, GetParam(), found));
    EXPECT_EQ(found, offsets);
    std::vector<std::int64_t> addresses(items.size());
    EXPECT_EQ(row_items(rows, sizeof(Weight), GetParam(), offsets, addresses), std::nullopt);
    EXPECT_EQ(addresses, items);
    addresses.resize(arrays.size());
    EXPECT_EQ(row_arrays(rows, GetParam(), offsets, addresses), std::nullopt);
    EXPECT_EQ(addresses, arrays);
  };
  check(data.rows(0, 1, 30'000), [](auto i) { return i; });
  check(data.rows(5, 3, 9000), [](auto i) { return 5 + 3 * i; });
  check(data.rows(29'999, -1, 30'000), [](auto i) { return 29'999 - i; });
  check(data.rows(29'000, -2, 14'000), [](auto i) { return 29'000 - 2 * i; });
  check(data.rows(0, 1, 0), [](auto i) { return i; });
  const std::vector<std::int64_t> table{17, 3, 3, 29'999, 0, 4};
  ArrayRows gathered = data.rows(0, 1, 6);
  gathered.table = table.data();
  check(gathered, [&](auto i) { return table[static_cast<std::size_t>(i)]; });
}

TEST_P(Walks, NamesTheFirstRowThatDiffers) {
  Owners data(20'000);
  const ArrayRows rows = data.rows(0, 1, 20'000);
  std::vector<std::int64_t> offsets(20'001);
  ASSERT_TRUE(row_offsets(rows, GetParam(), offsets));
  std::vector<std::int64_t> items(static_cast<std::size_t>(offsets.back()));
  std::vector<std::int64_t> arrays(20'000);
  const auto first = [&] {
    const auto row = row_items(rows, sizeof(Weight), GetParam(), offsets, items);
    EXPECT_EQ(row, row_arrays(rows, GetParam(), offsets, arrays));
    EXPECT_EQ(row, row_difference(rows, GetParam(), offsets));
    return row;
  };
  EXPECT_EQ(first(), std::nullopt);
  ++data.owners[19'999].count;
  EXPECT_EQ(first(), 19'999);
  --data.owners[12'346].count;
  EXPECT_EQ(first(), 12'346);
  data.owners[16].weights = nullptr; // it has 2
  EXPECT_EQ(first(), 16);
  data.owners[3].count = -1;
  EXPECT_EQ(first(), 3);
}

TEST_P(Walks, RefusesElementsThatOwnNothing) {
  std::vector<std::int64_t> offsets(41);
  const auto good = [&](auto change) {
    Owners data(40);
    change(data.owners[22]);
    return row_offsets(data.rows(0, 1, 40), GetParam(), offsets);
  };
  EXPECT_TRUE(good([](Owner&) {}));
  EXPECT_TRUE(good([](Owner& o) { // an old address that is not looked at
    o.weights = nobodys<Weight>(1);
    o.count = 0;
  }));
  EXPECT_FALSE(good([](Owner& o) { o.count = -2; }));
  EXPECT_FALSE(good([](Owner& o) { o.weights = nullptr; }));
  EXPECT_FALSE(good([](Owner& o) { o.weights = nobodys<Weight>(0x1'0001); }));
}

INSTANTIATE_TEST_SUITE_P(Reads, Walks, testing::Values(Reads::plain, Reads::safe),
                         [](const auto& reads) {
                           return reads.param == Reads::safe ? "safe" : "plain";
                         });

struct Key {
  Key* next = nullptr;
  Key* prev = nullptr;
  std::int64_t values = 5;
  std::int64_t type = 0;
  std::int64_t data = 0;
};
constexpr Keys key_places{
    {offsetof(Key, next), offsetof(Key, prev)}, offsetof(Key, type), offsetof(Key, data)};

TEST(Keys, OfStructsAndOfTypes) {
  const std::vector<std::int64_t> addresses{400, 900, 500};
  const std::vector<std::int64_t> types{10, 11};
  std::vector<Key> keys(3);
  for (std::size_t i = 0; i + 1 < keys.size(); ++i) {
    keys[i].next = &keys[i + 1];
    keys[i + 1].prev = &keys[i];
  }
  const auto heard = [&] {
    return is_subscribed(start(keys.data()), start(&keys.back()), key_places, addresses, types, 10);
  };
  for (Key& key : keys)
    key.type = 10;
  EXPECT_FALSE(heard()); // all of the type that is told
  EXPECT_FALSE(is_subscribed(0, 0, key_places, addresses, types, 10));
  keys[1].type = 11;
  EXPECT_TRUE(heard()); // all of another
  keys[1].type = 12;
  EXPECT_FALSE(heard()); // of one that is not written
  keys[2].data = 501;
  EXPECT_FALSE(heard());
  keys[2].data = 500;
  EXPECT_TRUE(heard());
  keys[2].data = 0;
  keys[1].prev = nullptr;
  EXPECT_TRUE(heard()); // no list: who knows
  keys[1].prev = keys.data();
  keys[1].next = nullptr;
  EXPECT_TRUE(heard()); // ends too soon
}

} // namespace
