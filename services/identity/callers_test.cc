#include "services/identity/callers.h"

#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::identity {
namespace {

masa::v1::AuthorityConfig Config(const std::string& name,
                                 const std::string& role,
                                 const std::string& tenant,
                                 const std::string& organization) {
  masa::v1::AuthorityConfig config;
  auto* caller = config.add_callers();
  caller->set_name(name);
  caller->set_role(role);
  caller->set_tenant_id(tenant);
  caller->set_organization_id(organization);
  return config;
}

TEST(Callers, FirstKnownNameOfACertificateDecides) {
  const auto callers =
      Callers::Create(Config("urn:a", "CUSTOMER", "acme", "org-a").callers());
  ASSERT_TRUE(callers.ok()) << callers.status();
  const auto found = callers->Identify({"stranger", "urn:a"});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->role, Role::kCustomer);
  EXPECT_EQ(found->tenant_id, "acme");
  EXPECT_EQ(found->organization_id, "org-a");
  EXPECT_EQ(ReasonOf(callers->Identify({"stranger"}).status()),
            Reason::kUnauthenticated);
  EXPECT_EQ(ReasonOf(callers->Identify({}).status()), Reason::kUnauthenticated);
}

// The account within the organisation, as OVGS knows it.
TEST(Callers, ACustomersCertificateIsAServiceAccount) {
  auto config =
      Config("urn:masa:acme:org-a:owner", "CUSTOMER", "acme", "org-a");
  const auto named = [&config] {
    return *Callers::Create(config.callers())
                ->Identify({"urn:masa:acme:org-a:owner"});
  };
  EXPECT_EQ(named().username, "owner");
  EXPECT_TRUE(named().is_service_account);
  config.mutable_callers(0)->set_username("robot");
  EXPECT_EQ(named().username, "robot");
}

TEST(Callers, RefusesACallerThatMakesNoSense) {
  auto twice = Config("urn:a", "EDGE", "", "");
  *twice.add_callers() = twice.callers(0);
  const masa::v1::AuthorityConfig cases[] = {
      Config("urn:a", "KING", "acme", ""),
      Config("urn:a", "OPERATOR", "", ""),
      Config("urn:a", "CUSTOMER", "acme", ""),
      Config("", "EDGE", "", ""),
      twice,
  };
  for (const auto& config : cases) {
    EXPECT_EQ(ReasonOf(Callers::Create(config.callers()).status()),
              Reason::kMisconfigured)
        << config.DebugString();
  }
}

}  // namespace
}  // namespace masa::identity
