#include "services/identity/basic.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace masa::identity {
namespace {

masa::v1::Organization Customer() {
  masa::v1::Organization customer;
  *customer.add_basic_credentials() =
      MakeBasicCredential("one", "secret", std::string(16, 's'));
  *customer.add_basic_credentials() =
      MakeBasicCredential("two", "with:colon", std::string(16, 't'));
  return customer;
}

std::string Basic(const std::string& pair) {
  return absl::StrCat("Basic ", absl::Base64Escape(pair));
}

// TR-13
TEST(Basic, MatchesTheUsersPasswordAlone) {
  const struct {
    std::string header;
    bool matches;
  } cases[] = {
      {Basic("one:secret"), true},
      {Basic("two:with:colon"), true},
      {"basic  " + absl::Base64Escape("one:secret") + " ", true},
      {Basic("one:secreT"), false},
      {Basic("one:"), false},
      {Basic("one"), false},
      {Basic("two:secret"), false},
      {Basic("three:"), false},
      {Basic(":"), false},
      {"Bearer " + absl::Base64Escape("one:secret"), false},
      {"Basic !", false},
      {"", false},
  };
  const masa::v1::Organization customer = Customer();
  for (const auto& c : cases) {
    EXPECT_EQ(BasicMatches(c.header, {&customer}), c.matches) << c.header;
  }
  EXPECT_FALSE(BasicMatches(Basic("one:secret"), {}));
}

TEST(Basic, TakesTheUserOfAnyOfTheCustomers) {
  const masa::v1::Organization customer = Customer();
  masa::v1::Organization other;
  *other.add_basic_credentials() =
      MakeBasicCredential("one", "another", std::string(16, 'u'));
  for (const char* pair : {"one:secret", "one:another", "two:with:colon"}) {
    EXPECT_TRUE(BasicMatches(Basic(pair), {&customer, &other})) << pair;
  }
  EXPECT_FALSE(BasicMatches(Basic("two:another"), {&customer, &other}));
  std::vector<const masa::v1::Organization*> many(8, &other);
  many.push_back(&customer);
  EXPECT_FALSE(BasicMatches(Basic("one:secret"), many));
}

TEST(Basic, KeepsNoPassword) {
  EXPECT_EQ(Customer().SerializeAsString().find("secret"), std::string::npos);
}

TEST(Basic, RefusesRecordsThatProveNothing) {
  const auto good = MakeBasicCredential("u", "p", std::string(16, 's'));
  EXPECT_TRUE(CheckBasicCredential(good).ok());
  const auto broken = [&good](auto change) {
    masa::v1::BasicCredential credential = good;
    change(&credential);
    return CheckBasicCredential(credential).ok();
  };
  EXPECT_FALSE(broken([](auto* c) { c->clear_user(); }));
  EXPECT_FALSE(broken([](auto* c) { c->set_user("a:b"); }));
  EXPECT_FALSE(broken([](auto* c) { c->set_salt("short"); }));
  EXPECT_FALSE(broken([](auto* c) { c->clear_password_hash(); }));
  EXPECT_FALSE(broken([](auto* c) { c->set_iterations(1); }));
  EXPECT_FALSE(broken([](auto* c) { c->set_iterations(2'000'000); }));
}

}  // namespace
}  // namespace masa::identity
