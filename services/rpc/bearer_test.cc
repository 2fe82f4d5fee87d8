#include "services/rpc/bearer.h"

#include "gtest/gtest.h"
#include "services/rpc/gate.h"
#include "services/status/reason.h"

namespace masa::rpc {
namespace {

using Tokens = std::vector<std::string>;

TEST(TokensIn, FindsThemWhereClientsPutThem) {
  const struct {
    const char* key;
    const char* value;
    Tokens tokens;
  } cases[] = {
      {"authorization", "Bearer a.b.c", {"a.b.c"}},
      {"authorization", "BEARER   a.b.c ", {"a.b.c"}},
      {"authorization", "a.b.c", {"a.b.c"}},
      {"authorization", "", {}},
      {"authorization", " ", {}},
      {"authorization", "Bearer ", {"Bearer"}},
      {"authorization", "Basic a", {}},
      {"authorization", "Bearer a b", {"a b"}},
      {"cookie", "access_token=a", {"a"}},
      {"cookie", "x=y;access_token=a ; z", {"a"}},
      {"cookie", "access_token=a; access_token=b", {"a", "b"}},
      {"cookie", "access_token=", {""}},
      {"cookie", "xaccess_token=a", {}},
      {"token", "a.b.c", {}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(TokensIn(c.key, c.value), c.tokens) << c.key << ": " << c.value;
  }
}

TEST(Gate, ATokenSaysWhoCallsWhereTokensAreTaken) {
  const auto by_name = [](const std::vector<std::string>& names)
      -> absl::StatusOr<identity::Principal> {
    return identity::Principal{identity::Role::kOperator,
                               names.empty() ? "nobody" : names[0], "", ""};
  };
  const auto by_token =
      [](const std::string& token) -> absl::StatusOr<identity::Principal> {
    return token == "good"
               ? absl::StatusOr<identity::Principal>(
                     {identity::Role::kCustomer, "account:1", "", ""})
               : Refuse(Reason::kUnauthenticated, "no");
  };
  const AllowList allow = {{"open", {"*"}}, {"closed", {"edge"}}};
  const auto gate = Gate::Create({"open", "closed"}, allow, by_name, by_token);
  ASSERT_TRUE(gate.ok());
  EXPECT_EQ(gate->Admit("open", Credentials{{"edge"}, {"good"}})->name,
            "account:1");
  EXPECT_EQ(gate->Admit("open", Credentials{{"edge"}, {}})->name, "edge");
  EXPECT_EQ(
      ReasonOf(gate->Admit("open", Credentials{{"edge"}, {"bad"}}).status()),
      Reason::kUnauthenticated);
  EXPECT_EQ(
      ReasonOf(
          gate->Admit("open", Credentials{{"edge"}, {"good", "x"}}).status()),
      Reason::kUnauthenticated);
  // A certificate beside the token does not open what is for it.
  EXPECT_EQ(
      ReasonOf(gate->Admit("closed", Credentials{{"edge"}, {"good"}}).status()),
      Reason::kPermissionDenied);
  const auto plain = Gate::Create({"open", "closed"}, allow, by_name);
  EXPECT_FALSE(plain->takes_tokens());
  EXPECT_EQ(plain->Admit("closed", Credentials{{"edge"}, {"bad"}})->name,
            "edge");
}

}  // namespace
}  // namespace masa::rpc
