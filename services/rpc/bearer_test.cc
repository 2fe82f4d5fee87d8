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

TEST(Gate, TellsOfEachCallThatCameByCookie) {
  const auto by_name = [](const std::vector<std::string>&)
      -> absl::StatusOr<identity::Principal> { return identity::Principal{}; };
  const auto by_token =
      [](const std::string& token) -> absl::StatusOr<identity::Principal> {
    return token == "good"
               ? absl::StatusOr<identity::Principal>(identity::Principal{})
               : Refuse(Reason::kUnauthenticated, "no");
  };
  int told = 0;
  const AllowList allow = {{"open", {"*"}}};
  const auto gate =
      Gate::Create({"open"}, allow, by_name, by_token, [&told] { ++told; });
  ASSERT_TRUE(gate.ok());
  EXPECT_TRUE(gate->Admit("open", Credentials{{}, {"good"}, false}).ok());
  EXPECT_TRUE(gate->Admit("open", Credentials{{"a"}, {}, false}).ok());
  EXPECT_EQ(told, 0);
  EXPECT_TRUE(gate->Admit("open", Credentials{{}, {"good"}, true}).ok());
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(gate->Admit("open", Credentials{{}, {"bad"}, true}).ok());
  EXPECT_EQ(told, 2);
  // Nobody needs to listen, and where tokens say nothing no cookie does.
  const auto silent = Gate::Create({"open"}, allow, by_name, by_token);
  EXPECT_TRUE(silent->Admit("open", Credentials{{}, {"good"}, true}).ok());
  const auto plain =
      Gate::Create({"open"}, allow, by_name, {}, [&told] { ++told; });
  EXPECT_TRUE(plain->Admit("open", Credentials{{}, {"good"}, true}).ok());
  EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace masa::rpc
