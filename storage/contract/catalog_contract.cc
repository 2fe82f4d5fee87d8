#include <string>
#include <thread>
#include <vector>

#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

TEST_P(CatalogContract, ReadsBackTenantsAndProductsAlone) {
  const auto read = catalog().ReadPolicies(context_);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->tenants_size(), 2);
  ASSERT_EQ(read->products_size(), 2);
  EXPECT_EQ(read->products(0).SerializeAsString(),
            catalog_.products(0).SerializeAsString());
  EXPECT_EQ(read->organizations_size(), 0);
  EXPECT_EQ(read->domain_certs_size(), 0);
}

TEST_P(CatalogContract, ReplacesNamedRecordsAndKeepsOthers) {
  masa::v1::Catalog change;
  auto* product = change.add_products();
  product->set_tenant_id("a");
  product->set_product_id("p");
  product->set_signing_key("Schl\xc3\xbcssel \"1\"");
  ASSERT_TRUE(catalog().Apply(context_, "tester", now_, change).ok());

  const auto read = catalog().ReadPolicies(context_);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->products_size(), 2);
  EXPECT_EQ(read->products(0).signing_key(), product->signing_key());
  EXPECT_EQ(read->products(0).formats_size(), 0);
  EXPECT_EQ(read->products(1).formats_size(), 1);
}

TEST_P(CatalogContract, WritesOneEventForEachApplication) {
  EXPECT_EQ(CountEvents(kCatalogApplied), 1);
  ASSERT_TRUE(catalog().Apply(context_, "tester", now_, catalog_).ok());
  EXPECT_EQ(CountEvents(kCatalogApplied), 2);
}

TEST_P(CatalogContract, AnIdOfTheCallersStandsForOneApplication) {
  const OnceOrder once = {{"a", "ada", "id-1"}, std::string(32, 'd')};
  masa::v1::Catalog change;
  auto* product = change.add_products();
  product->set_tenant_id("a");
  product->set_product_id("once");
  ASSERT_TRUE(
      catalog().ApplyIf(context_, "ada", now_, change, {{}, once}).ok());
  EXPECT_EQ((*groups().Recall(context_, once.key))->digest, once.digest);
  product->set_product_id("twice");
  EXPECT_REASON(Reason::kStoreConflict,
                catalog().ApplyIf(context_, "ada", now_, change, {{}, once}));
  EXPECT_EQ(catalog().ReadPolicies(context_)->products_size(), 3);
  EXPECT_EQ(CountEvents(kCatalogApplied), 2);
  // What cannot be held does not use the id up.
  masa::v1::Catalog garbage;
  garbage.add_tenants();
  const OnceOrder unused = {{"a", "ada", "id-2"}, std::string(32, 'd')};
  EXPECT_REASON(
      Reason::kInvalidArgument,
      catalog().ApplyIf(context_, "ada", now_, garbage, {{}, unused}));
  EXPECT_FALSE(groups().Recall(context_, unused.key)->has_value());
}

// Who changes what was read writes nothing when somebody else came first.
TEST_P(CatalogContract, AChangeOfWhatWasReadIsOfWhatIsThere) {
  const auto read = catalog().GetOrganization(context_, "a", "o");
  ASSERT_TRUE(read.ok()) << read.status();
  masa::v1::Catalog others;
  *others.add_organizations() = *read;
  others.mutable_organizations(0)->set_nonceless_without_expiry(true);
  ASSERT_TRUE(catalog().Apply(context_, "tester", now_, others).ok());
  CatalogTerms terms;
  *terms.read.add_organizations() = *read;
  terms.once = {{"a", "ada", "id-1"}, std::string(32, 'd')};
  masa::v1::Catalog change;
  *change.add_organizations() = *read;
  change.mutable_organizations(0)->set_display_name("changed");
  const auto apply = [&] {
    return catalog().ApplyIf(context_, "ada", now_, change, terms);
  };
  EXPECT_REASON(Reason::kStoreConflict, apply());
  EXPECT_EQ(catalog().GetOrganization(context_, "a", "o")->SerializeAsString(),
            others.organizations(0).SerializeAsString());
  EXPECT_FALSE(groups().Recall(context_, terms.once->key)->has_value());
  *terms.read.mutable_organizations(0) = others.organizations(0);
  EXPECT_TRUE(apply().ok());
  // What is gone, or was never there, is not what was read.
  terms.once.reset();
  terms.read.mutable_organizations(0)->set_organization_id("none");
  change.mutable_organizations(0)->set_organization_id("none");
  EXPECT_REASON(Reason::kStoreConflict, apply());
  EXPECT_REASON(Reason::kOrganizationUnknown,
                catalog().GetOrganization(context_, "a", "none"));
}

// The same of a tenant.
TEST_P(CatalogContract, AChangeOfATenantIsOfTheTenantThatIsThere) {
  CatalogTerms terms;
  *terms.read.add_tenants() = catalog_.tenants(0);
  masa::v1::Catalog change;
  *change.add_tenants() = catalog_.tenants(0);
  change.mutable_tenants(0)->set_display_name("first");
  ASSERT_TRUE(catalog().ApplyIf(context_, "tester", now_, change, terms).ok());
  change.mutable_tenants(0)->set_display_name("second");
  EXPECT_REASON(Reason::kStoreConflict,
                catalog().ApplyIf(context_, "tester", now_, change, terms));
  EXPECT_EQ(catalog().ReadPolicies(context_)->tenants(0).display_name(),
            "first");
}

// Each adds a user of its own to a customer's, as often as it takes.
TEST_P(CatalogContract, OfThoseWhoChangeACustomerAtOnceNoneIsLost) {
  constexpr int kWriters = 4, kRounds = 8;
  const auto add = [&](const std::string& user) {
    absl::Status status = Refuse(Reason::kStoreConflict, "not yet");
    while (ReasonOf(status) == Reason::kStoreConflict) {
      CatalogTerms terms;
      *terms.read.add_organizations() =
          *catalog().GetOrganization(context_, "a", "o");
      masa::v1::Catalog change = terms.read;
      change.mutable_organizations(0)->add_basic_credentials()->set_user(user);
      status = catalog().ApplyIf(context_, "tester", now_, change, terms);
      if (status.ok()) {
        return;
      }
    }
    ADD_FAILURE() << status;
  };
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&add, writer] {
      for (int round = 0; round < kRounds; ++round) {
        add(std::to_string(writer) + "-" + std::to_string(round));
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  EXPECT_EQ(
      catalog().GetOrganization(context_, "a", "o")->basic_credentials_size(),
      kWriters * kRounds);
}

TEST_P(CatalogContract, RefusesWhatItCannotHoldAndWritesNothing) {
  masa::v1::Catalog nameless;
  nameless.add_tenants();
  EXPECT_REASON(Reason::kInvalidArgument,
                catalog().Apply(context_, "tester", now_, nameless));
  masa::v1::Catalog endless = catalog_;
  endless.mutable_domain_certs(0)->mutable_expiry_time()->set_seconds(int64_t{1}
                                                                      << 60);
  EXPECT_REASON(Reason::kInvalidArgument,
                catalog().Apply(context_, "tester", now_, endless));
  masa::v1::Catalog garbage = catalog_;
  garbage.mutable_domain_certs(0)->set_certificate_der("garbage");
  EXPECT_REASON(Reason::kCertMalformed,
                catalog().Apply(context_, "tester", now_, garbage));
  EXPECT_EQ(CountEvents(kCatalogApplied), 1);
}

// PN-14: owners are known by the hash of their key.
TEST_P(CatalogContract, KnowsRegisteredDomainsByKeyAndTenant) {
  const auto hash = SpkiSha256Of(domain_.CertificateDer());
  ASSERT_TRUE(hash.ok());
  const std::string other(32, 'x');
  const auto known = DomainOf("a", {other, *hash});
  ASSERT_TRUE(known.ok()) << known.status();
  ASSERT_TRUE(known->registered());
  EXPECT_FALSE(known->blocked);
  EXPECT_EQ(known->customers.at(0).SerializeAsString(),
            catalog_.organizations(0).SerializeAsString());
  EXPECT_FALSE(DomainOf("a", {other})->registered());
  EXPECT_FALSE(DomainOf("b", {*hash})->registered());
  EXPECT_FALSE(DomainOf("a", {})->registered());
}

// TR-13: what the customer's registrars must show is read with the domain.
TEST_P(CatalogContract, ReadsTheCustomerWhole) {
  masa::v1::Catalog change;
  *change.add_organizations() = catalog_.organizations(0);
  change.mutable_organizations(0)->set_display_name("Gr\xc3\xbc\xc3\x9f Gott");
  auto* credential = change.mutable_organizations(0)->add_basic_credentials();
  credential->set_user("registrar");
  credential->set_salt(std::string("\0\xff salt", 7));
  ASSERT_TRUE(catalog().Apply(context_, "tester", now_, change).ok());
  const auto known = DomainOf("a", {*SpkiSha256Of(domain_.CertificateDer())});
  ASSERT_TRUE(known.ok() && known->registered()) << known.status();
  EXPECT_EQ(known->customers.at(0).SerializeAsString(),
            change.organizations(0).SerializeAsString());
  EXPECT_EQ(catalog().GetOrganization(context_, "a", "o")->SerializeAsString(),
            change.organizations(0).SerializeAsString());
  EXPECT_REASON(Reason::kOrganizationUnknown,
                catalog().GetOrganization(context_, "a", "none"));
}

// What one customer registers hides none of the others, and is one's however
// often it is.
TEST_P(CatalogContract, NamesEachCustomerOfAKeyOnce) {
  masa::v1::Catalog change;
  for (const char* cert_id : {"first", "second"}) {
    auto* cert = change.add_domain_certs();
    cert->set_tenant_id("a");
    cert->set_organization_id("q");
    cert->set_cert_id(cert_id);
    cert->set_certificate_der(domain_.CertificateDer());
  }
  auto* early = change.add_organizations();
  early->set_tenant_id("a");
  early->set_organization_id("early");
  early->set_nonceless_without_expiry(true);
  *change.add_domain_certs() = catalog_.domain_certs(0);
  change.mutable_domain_certs(2)->set_organization_id("early");
  change.mutable_domain_certs(2)->set_cert_id("third");
  ASSERT_TRUE(catalog().Apply(context_, "tester", now_, change).ok());
  const auto known = DomainOf("a", {*SpkiSha256Of(domain_.CertificateDer())});
  ASSERT_TRUE(known.ok()) << known.status();
  std::vector<std::string> ids;
  for (const auto& customer : known->customers) {
    ids.push_back(customer.organization_id());
  }
  ASSERT_EQ(ids, (std::vector<std::string>{"early", "o", "q"}));
  EXPECT_TRUE(known->Find("early")->nonceless_without_expiry());
  EXPECT_FALSE(known->Find("o")->nonceless_without_expiry());
  EXPECT_EQ(known->Find("none"), nullptr);
  EXPECT_EQ(known->Find(""), nullptr);
}

// RV-30: blocked at once, whether registered or not; lifted again; and only in
// its tenant.
TEST_P(CatalogContract, BlocksAndLiftsDomains) {
  const std::string hash(32, '\xb1');
  masa::v1::Catalog change;
  auto* domain = change.add_blocked_domains();
  domain->set_tenant_id("a");
  domain->set_spki_sha256(hash);
  domain->set_note("stolen");
  ASSERT_TRUE(catalog().Apply(context_, "tester", now_, change).ok());
  EXPECT_TRUE(DomainOf("a", {std::string(32, 'x'), hash})->blocked);
  EXPECT_FALSE(DomainOf("b", {hash})->blocked);
  domain->set_lifted(true);
  ASSERT_TRUE(catalog().Apply(context_, "tester", now_, change).ok());
  EXPECT_FALSE(DomainOf("a", {hash})->blocked);
  domain->set_spki_sha256("short");
  EXPECT_REASON(Reason::kInvalidArgument,
                catalog().Apply(context_, "tester", now_, change));
}

// Each question has its own answer, in order.
TEST_P(CatalogContract, AnswersManyQuestionsApart) {
  const std::string hash = *SpkiSha256Of(domain_.CertificateDer());
  const auto answers =
      catalog().DomainsOf(context_, {{"a", {}},
                                     {"a", {std::string(32, 'x'), hash}},
                                     {"b", {hash}},
                                     {std::string("\xff", 1), {hash}},
                                     {"a", {hash}}});
  ASSERT_EQ(answers.size(), 5u);
  for (const size_t i : {0, 2, 3}) {
    ASSERT_TRUE(answers[i].ok()) << answers[i].status();
    EXPECT_FALSE(answers[i]->registered()) << i;
  }
  EXPECT_TRUE(answers[1]->registered());
  EXPECT_TRUE(answers[4]->registered());
  EXPECT_TRUE(catalog().DomainsOf(context_, {}).empty());
}

TEST_P(CatalogContract, SaysUnavailableWhileStopped) {
  if (!stores().Stop()) {
    GTEST_SKIP() << "this store is not ours to stop";
  }
  EXPECT_REASON(Reason::kStoreUnavailable, catalog().ReadPolicies(context_));
  EXPECT_REASON(Reason::kStoreUnavailable, DomainOf("a", {}));
  stores().Restart();
  EXPECT_TRUE(catalog().ReadPolicies(context_).ok());
}

}  // namespace
}  // namespace masa::storage
