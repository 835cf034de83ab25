// tests/jit/broken_values.cpp: plans with one rule of types, storage or numbers broken.
#include "tests/jit/broken_plan.hpp"

namespace rnaslicer::jit::test {

namespace {

constexpr std::string_view nan_bound = "A bound of the clamp is NaN.";
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr std::array unknown_numbers{12, 13, 100, 255};
constexpr std::array no_values{Scalar::i8,  Scalar::u8,  Scalar::i16, Scalar::u16, Scalar::u32,
                               Scalar::i64, Scalar::u64, Scalar::f16, Scalar::f64};
constexpr std::array no_integers{Scalar::b1, Scalar::f32, Scalar::f64};

std::string normalize_no_small_integer(Random& random, Plan& plan) {
  make_plain(plan);
  plan.normalized = true;
  plan.format = random.pick(
      std::array{Scalar::b1, Scalar::i64, Scalar::u64, Scalar::f16, Scalar::f32, Scalar::f64});
  return "Only integers of 8, 16 or 32 bits are normalized, not ";
}

std::string normalize_no_fraction(Random& random, Plan& plan) {
  make_masked(random, plan, random.chance(50) ? Decode::flag : Decode::field);
  plan.normalized = true;
  plan.format = random.pick(std::array{Scalar::i8, Scalar::u16, Scalar::i32});
  return "Only f32 values are normalized, not ";
}

std::string step_of_no_transform(Random& random, Plan& plan) {
  make_plain(plan);
  plan.component_step = random.pick(std::array{4, -4, 12});
  return "Only a transform has a step between components.";
}

std::string transform_of_no_kind(Random& /*random*/, Plan& plan) {
  make_plain(plan);
  plan.transform = static_cast<Transform>(3);
  plan.component_step = 4;
  return "kind of the transform does not exist";
}

std::string transform_of_no_numbers(Random& random, Plan& plan) {
  make_masked(random, plan, Decode::field);
  plan.transform = Transform::point;
  plan.component_step = 4;
  return "Only plain f32 values are transformed.";
}

std::string overlapping_components(Random& random, Plan& plan) {
  make_plain(plan);
  plan.transform = Transform::normal;
  plan.component_step = random.pick(std::array<std::int64_t, 4>{0, 3, -4, too_far});
  return "components of a vector overlap or lie further apart";
}

std::string component_without_use(Random& random, Plan& plan) {
  make_plain(plan);
  plan.lanes[static_cast<std::size_t>(random_lane(random, plan))].row = 1;
  return "Only lanes of a transform are components, but lane ";
}

std::string component_of_no_number(Random& random, Plan& plan) {
  make_plain(plan);
  plan.transform = Transform::direction;
  plan.component_step = 4;
  plan.lanes[static_cast<std::size_t>(random_lane(random, plan))].row =
      random.pick(std::array{-1, 3});
  return " is none of 3.";
}

// Each line breaks one rule of verify.cpp.
constexpr std::array mutations{
    Mutation{"unknown storage",
             [](Random& r, Plan& p) -> std::string {
               p.storage.type = static_cast<Scalar>(r.pick(unknown_numbers));
               return "scalar type of the plan does not exist";
             }},
    Mutation{"unknown format",
             [](Random& r, Plan& p) -> std::string {
               p.format = static_cast<Scalar>(r.pick(unknown_numbers));
               return "scalar type of the plan does not exist";
             }},
    Mutation{"unknown value",
             [](Random& r, Plan& p) -> std::string {
               p.value = static_cast<Scalar>(r.pick(unknown_numbers));
               return "scalar type of the plan does not exist";
             }},
    Mutation{"unknown decode",
             [](Random& /*r*/, Plan& p) -> std::string {
               make_plain(p);
               p.storage.decode = static_cast<Decode>(6);
               return "decode step of the plan does not exist";
             }},
    Mutation{"no value type",
             [](Random& r, Plan& p) -> std::string {
               p.value = r.pick(no_values);
               return "RNA's values are b1, i32 or f32";
             }},
    Mutation{"normalized, but no small integer", normalize_no_small_integer},
    Mutation{"normalized, but no fraction", normalize_no_fraction},
    Mutation{"step of no transform", step_of_no_transform},
    Mutation{"transform of no kind", transform_of_no_kind},
    Mutation{"transform of no numbers", transform_of_no_numbers},
    Mutation{"overlapping components", overlapping_components},
    Mutation{"component without use", component_without_use},
    Mutation{"component of no number", component_of_no_number},
    Mutation{"f16 storage",
             [](Random& /*r*/, Plan& p) -> std::string {
               p.storage.type = Scalar::f16;
               return "occurs only as a cache format";
             }},
    Mutation{"float as integer",
             [](Random& r, Plan& p) -> std::string {
               make_plain(p);
               p.storage.type = r.chance(50) ? Scalar::f32 : Scalar::f64;
               p.value = r.chance(50) ? Scalar::i32 : Scalar::b1;
               return " holds no ";
             }},
    Mutation{"integer as float",
             [](Random& r, Plan& p) -> std::string {
               make_plain(p);
               p.storage.type = static_cast<Scalar>(r.between(0, 8));
               return " holds no f32 values";
             }},
    Mutation{"mask in no integer",
             [](Random& r, Plan& p) -> std::string {
               make_masked(r, p, r.chance(50) ? Decode::flag : Decode::field);
               p.storage.type = r.pick(no_integers);
               return " lies in an integer, not in ";
             }},
    Mutation{"empty mask",
             [](Random& r, Plan& p) -> std::string {
               make_masked(r, p, r.chance(50) ? Decode::flag : Decode::field);
               p.storage.mask = 0;
               return " is empty.";
             }},
    Mutation{"mask too wide",
             [](Random& r, Plan& p) -> std::string {
               make_masked(r, p, r.chance(50) ? Decode::flag : Decode::field);
               const auto width = static_cast<int>(8 * size_of(p.storage.type));
               p.storage.mask |= std::uint64_t{1} << r.between(width, 63);
               return " has bits beyond its ";
             }},
    Mutation{"flag of no b1",
             [](Random& r, Plan& p) -> std::string {
               make_masked(r, p, Decode::flag);
               p.value = r.chance(50) ? Scalar::i32 : Scalar::f32;
               return "A flag has b1 values, not ";
             }},
    Mutation{"field of no i32",
             [](Random& r, Plan& p) -> std::string {
               make_masked(r, p, Decode::field);
               p.value = r.chance(50) ? Scalar::b1 : Scalar::f32;
               return "A field has i32 values, not ";
             }},
    Mutation{"unorm in another type",
             [](Random& r, Plan& p) -> std::string {
               make_plain(p);
               p.storage.decode = Decode::unorm;
               p.storage.type = r.pick(std::array{Scalar::b1, Scalar::i8, Scalar::i16, Scalar::i32,
                                                  Scalar::u32, Scalar::u64, Scalar::f32});
               return "Storage unorm is u8 or u16, not ";
             }},
    Mutation{"unorm of no f32",
             [](Random& r, Plan& p) -> std::string {
               make_plain(p);
               p.storage.decode = Decode::unorm;
               p.storage.type = r.chance(50) ? Scalar::u8 : Scalar::u16;
               p.value = r.chance(50) ? Scalar::i32 : Scalar::b1;
               return "Storage unorm has f32 values, not ";
             }},
    Mutation{
        "lookup in another type",
        [](Random& r, Plan& p) -> std::string {
          make_special(p, Decode::lookup, Scalar::u8, Scalar::f32);
          p.storage.type = r.pick(std::array{Scalar::b1, Scalar::i8, Scalar::u16, Scalar::f32});
          return "Storage lookup is u8, not ";
        }},
    Mutation{"lookup of no f32",
             [](Random& r, Plan& p) -> std::string {
               make_special(p, Decode::lookup, Scalar::u8, Scalar::f32);
               p.value = r.chance(50) ? Scalar::i32 : Scalar::b1;
               return "Storage lookup has f32 values, not ";
             }},
    Mutation{
        "difference in another type",
        [](Random& r, Plan& p) -> std::string {
          make_special(p, Decode::difference, Scalar::i32, Scalar::i32);
          p.storage.type = r.pick(std::array{Scalar::i16, Scalar::u32, Scalar::i64, Scalar::f32});
          return "Storage difference is i32, not ";
        }},
    Mutation{"difference of no i32",
             [](Random& r, Plan& p) -> std::string {
               make_special(p, Decode::difference, Scalar::i32, Scalar::i32);
               p.value = r.chance(50) ? Scalar::f32 : Scalar::b1;
               return "Storage difference has i32 values, not ";
             }},
    Mutation{"lane's mask without use",
             [](Random& r, Plan& p) -> std::string {
               if (r.chance(50))
                 make_plain(p);
               else
                 make_masked(r, p, Decode::field);
               p.lanes[static_cast<std::size_t>(random_lane(r, p))].mask = 1;
               return "Only a flag's lanes have masks, but lane ";
             }},
    Mutation{"lane's mask too wide",
             [](Random& r, Plan& p) -> std::string {
               make_masked(r, p, Decode::flag);
               const auto width = static_cast<int>(8 * size_of(p.storage.type));
               p.lanes[static_cast<std::size_t>(random_lane(r, p))].mask = std::uint64_t{1}
                                                                           << r.between(width, 63);
               return " has bits beyond its ";
             }},
    Mutation{"table without use",
             [](Random& r, Plan& p) -> std::string {
               make_plain(p);
               p.lanes[static_cast<std::size_t>(random_lane(r, p))].lookup = 1;
               return "Only a lookup's lanes name tables, but lane ";
             }},
    Mutation{"table of no number",
             [](Random& r, Plan& p) -> std::string {
               make_special(p, Decode::lookup, Scalar::u8, Scalar::f32);
               p.lanes[static_cast<std::size_t>(random_lane(r, p))].lookup =
                   r.pick(std::array{-1, max_lookups, INT32_MAX, INT32_MIN});
               return " is none of 16.";
             }},
    Mutation{"mask without use",
             [](Random& r, Plan& p) -> std::string {
               make_plain(p);
               p.storage.mask = r.next() | 1U;
               return "Only a flag or a field has a mask";
             }},
    Mutation{"inverted number",
             [](Random& r, Plan& p) -> std::string {
               if (r.chance(50))
                 make_plain(p);
               else
                 make_masked(r, p, Decode::field);
               p.storage.inverted = true;
               return "Only a flag or a plain b1 can be inverted";
             }},
    Mutation{"NaN bound",
             [](Random& r, Plan& p) -> std::string {
               p.clamp = r.chance(50) ? Clamp{nan_value, 1} : Clamp{0, nan_value};
               return std::string(nan_bound);
             }},
    Mutation{"crossed bounds",
             [](Random& r, Plan& p) -> std::string {
               p.clamp = Clamp{static_cast<double>(r.between(1, 9)),
                               static_cast<double>(r.between(-9, 0))};
               return "above the upper one";
             }},
    Mutation{"bound of another type",
             [](Random& r, Plan& p) -> std::string {
               if (p.value == Scalar::b1) {
                 p.clamp = r.chance(50) ? Clamp{0, 0} : Clamp{1, 1};
                 return "must let 0 and 1 pass";
               }
               if (p.value == Scalar::i32)
                 p.clamp = r.chance(50) ? Clamp{0.5, 1} : Clamp{0, 0x1p31};
               else
                 p.clamp = r.chance(50) ? Clamp{0.1, 1} : Clamp{0, 1e300};
               return "is not a value of ";
             }},
};

} // namespace

std::span<const Mutation> broken_values() { return mutations; }

} // namespace rnaslicer::jit::test
