// tests/jit/broken_places.cpp: plans with one rule of loops, lanes or strides broken.
#include "tests/jit/broken_plan.hpp"

namespace rnaslicer::jit::test {

namespace {

Loop& random_loop(Random& random, Plan& plan) {
  if (plan.loops.empty())
    plan.loops.push_back({LoopKind::strided, 4, 1 << 20});
  return plan.loops[static_cast<std::size_t>(
      random.between(0, static_cast<std::int64_t>(plan.loops.size()) - 1))];
}

// Each line breaks one rule of verify.cpp.
constexpr std::array mutations{
    Mutation{"unknown loop",
             [](Random& r, Plan& p) -> std::string {
               random_loop(r, p).kind = static_cast<LoopKind>(3);
               return "does not exist";
             }},
    Mutation{"target stride too large",
             [](Random& r, Plan& p) -> std::string {
               make_plain(p);
               p.target_stride = r.chance(50) ? too_far : -too_far;
               return "stride of the target is larger than an address space";
             }},
    Mutation{"difference behind an index",
             [](Random& /*r*/, Plan& p) -> std::string {
               make_special(p, Decode::difference, Scalar::i32, Scalar::i32);
               p.target_stride = 4;
               return "No difference lies behind an index.";
             }},
    Mutation{"place in no target",
             [](Random& r, Plan& p) -> std::string {
               make_plain(p);
               p.lanes[static_cast<std::size_t>(random_lane(r, p))].at = 4;
               return "Only lanes that go through an index have a place in the target, but lane ";
             }},
    Mutation{"place too far",
             [](Random& r, Plan& p) -> std::string {
               make_plain(p);
               p.target_stride = 12;
               p.lanes[static_cast<std::size_t>(random_lane(r, p))].at =
                   r.chance(50) ? too_far : -too_far;
               return "is larger than an address space";
             }},
    Mutation{"too many loops",
             [](Random& /*r*/, Plan& p) -> std::string {
               p.loops.resize(max_loops + 1, {LoopKind::strided, 4, 4});
               return "loops, more than 8";
             }},
    Mutation{"stride too large",
             [](Random& r, Plan& p) -> std::string {
               Loop& loop = random_loop(r, p);
               (r.chance(50) ? loop.source_stride : loop.cache_stride) =
                   r.chance(50) ? too_far : std::numeric_limits<std::int64_t>::min();
               return "is larger than an address space";
             }},
    Mutation{"offset too large",
             [](Random& r, Plan& p) -> std::string {
               Lane& lane = p.lanes[static_cast<std::size_t>(random_lane(r, p))];
               (r.chance(50) ? lane.source : lane.cache) =
                   r.chance(50) ? -too_far : std::numeric_limits<std::int64_t>::max();
               return "is larger than an address space";
             }},
    Mutation{"pointers inside",
             [](Random& r, Plan& p) -> std::string {
               Loop outer{LoopKind::strided, 8, 1 << 20};
               if (r.chance(30))
                 outer = {LoopKind::indexed, 0, 1 << 20};
               if (r.chance(30))
                 outer = {LoopKind::pointers, 0, 1 << 20};
               if (p.loops.size() + 2 > max_loops)
                 p.loops.resize(1);
               p.loops.insert(p.loops.begin(), {LoopKind::pointers, 0, 1 << 20});
               p.loops.insert(p.loops.begin(), outer);
               return "would discard the source address";
             }},
    Mutation{"empty lane axis",
             [](Random& r, Plan& p) -> std::string {
               p.lane_shape.push_back(-r.between(0, 1));
               if (r.chance(50))
                 p.lanes.clear();
               return "axis of the lane shape is empty";
             }},
    Mutation{"too many lanes",
             [](Random& r, Plan& p) -> std::string {
               p.lane_shape = r.chance(50) ? std::vector<std::int64_t>{257}
                                           : std::vector<std::int64_t>{16, 17};
               if (r.chance(20))
                 p.lane_shape = {1LL << 32, 1LL << 32};
               return "more than 256 lanes";
             }},
    Mutation{"lanes missing",
             [](Random& r, Plan& p) -> std::string {
               p.lanes.resize(static_cast<std::size_t>(random_lane(r, p)));
               return "lanes where the lane shape makes";
             }},
    Mutation{"lanes left over",
             [](Random& r, Plan& p) -> std::string {
               p.lanes.resize(p.lanes.size() + static_cast<std::size_t>(r.between(1, 9)));
               return "lanes where the lane shape makes";
             }},
    Mutation{"overlapping lanes",
             [](Random& r, Plan& p) -> std::string {
               if (p.lanes.size() < 2)
                 return {};
               const auto a = static_cast<std::size_t>(random_lane(r, p));
               const std::size_t b = a == 0 ? 1 : a - 1;
               const std::int64_t size = size_of(p.format);
               p.lanes[a].cache = p.lanes[b].cache + r.between(1 - size, size - 1);
               return "Two lanes overlap in the cache";
             }},
    Mutation{"overlapping steps",
             [](Random& r, Plan& p) -> std::string {
               std::int64_t& stride = random_loop(r, p).cache_stride;
               const std::int64_t size = size_of(p.format);
               const auto a = static_cast<std::size_t>(random_lane(r, p));
               if (a > 0) // step 1 of one lane meets step 0 of another
                 stride = p.lanes[a].cache - p.lanes[a - 1].cache + r.between(1 - size, size - 1);
               else
                 stride = r.between(1 - size, size - 1);
               if (stride == 0)
                 return {};
               return "overlap in the cache";
             }},
    Mutation{"steps in one place",
             [](Random& r, Plan& p) -> std::string {
               random_loop(r, p);
               p.loops.back().cache_stride = 0;
               return "overlap in the cache";
             }},
};

} // namespace

std::span<const Mutation> broken_places() { return mutations; }

} // namespace rnaslicer::jit::test
