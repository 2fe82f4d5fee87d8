#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/config/check_config.h"
#include "services/config/yaml_reader.h"

namespace masa::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(ReadYaml, FillsEveryKindOfField) {
  masa::v1::Catalog catalog;
  EXPECT_THAT(ReadYaml(R"(
tenants:
  - tenant_id: acme
    iana_enterprise_number: 32473
    host_names: [masa.example, localhost]
    is_default: true
    idevid_anchors_der: [AQID]
products:
  - product_id: p
    formats: [FORMAT_CMS_JSON]
    ownership: OWNERSHIP_RULE_REQUIRED
    nonceless_lifetime: 1200s
)",
                       &catalog),
              IsEmpty());
  const auto& tenant = catalog.tenants(0);
  EXPECT_EQ(tenant.iana_enterprise_number(), 32473u);
  EXPECT_THAT(tenant.host_names(), ElementsAre("masa.example", "localhost"));
  EXPECT_TRUE(tenant.is_default());
  EXPECT_EQ(tenant.idevid_anchors_der(0), "\x01\x02\x03");
  const auto& product = catalog.products(0);
  EXPECT_EQ(product.formats(0), masa::v1::FORMAT_CMS_JSON);
  EXPECT_EQ(product.ownership(), masa::v1::OWNERSHIP_RULE_REQUIRED);
  EXPECT_EQ(product.nonceless_lifetime().seconds(), 1200);
}

TEST(ReadYaml, ReportsAllFaultsAtOnceWithTheirPaths) {
  masa::v1::Config config;
  EXPECT_THAT(
      ReadYaml("edge:\n  threads: many\n  frob: 1\n  certificates: 3\n"
               "authority:\n  api: {reflection: maybe}\n",
               &config),
      ElementsAre("edge.threads: not a number: many",
                  "edge.frob: there is no such field",
                  "edge.certificates: a list is needed",
                  "authority.api.reflection: neither true nor false: maybe"));
}

TEST(ReadYaml, RefusesWhatIsNotYamlOrNotAMapping) {
  masa::v1::Config config;
  EXPECT_THAT(ReadYaml("a: [", &config), ElementsAre(StartsWith("line ")));
  EXPECT_THAT(ReadYaml("- a", &config),
              ElementsAre("the file: a mapping is needed"));
  EXPECT_THAT(ReadYaml("edge: {threads: 1, threads: 2}", &config),
              ElementsAre("edge.threads: it is there twice"));
  EXPECT_THAT(ReadYamlFile("/no/such/file", &config),
              ElementsAre("/no/such/file: the file cannot be read"));
}

TEST(ReadYaml, RefusesValuesOfTheWrongShape) {
  const struct {
    const char* yaml;
    const char* fault;
  } cases[] = {
      {"products: [{formats: [FORMAT_MORSE]}]",
       "products[0].formats[0]: not a value of Format: FORMAT_MORSE"},
      {"tenants: [{idevid_anchors_der: ['***']}]",
       "tenants[0].idevid_anchors_der[0]: not base64"},
      {"products: [{nonceless_lifetime: soon}]",
       "products[0].nonceless_lifetime: not whole seconds like 1200s: soon"},
      {"products: [{product_id: [a]}]",
       "products[0].product_id: one value is needed"},
  };
  for (const auto& c : cases) {
    masa::v1::Catalog catalog;
    EXPECT_THAT(ReadYaml(c.yaml, &catalog), ElementsAre(c.fault)) << c.yaml;
  }
}

std::string FolderWith(const std::vector<std::string>& files) {
  const std::string folder = ::testing::TempDir();
  for (const std::string& file : files) {
    std::ofstream(folder + "/" + file) << "x";
  }
  return folder;
}

TEST(ReadFile, TakesAnEmptyFileAndNoFolder) {
  const std::string folder = FolderWith({"some"});
  std::ofstream(folder + "/empty").flush();
  std::string octets = "before";
  EXPECT_TRUE(ReadFile(folder + "/empty", &octets));
  EXPECT_EQ(octets, "");
  EXPECT_TRUE(ReadFile(folder + "/some", &octets));
  EXPECT_EQ(octets, "x");
  EXPECT_FALSE(ReadFile(folder, &octets));
  EXPECT_FALSE(ReadFile(folder + "/none", &octets));
}

TEST(CheckConfig, EveryRoleNamesWhatItMisses) {
  const auto faults = CheckConfig({}, {true, true, true}, ::testing::TempDir());
  for (const char* path :
       {"edge.listen", "edge.certificates", "storage.database_url_file",
        "signer.local_keys", "admin.listen"}) {
    EXPECT_THAT(faults, Contains(StartsWith(std::string(path) + ":")));
  }
  EXPECT_THAT(CheckConfig({}, {true, false, false}, "/"),
              Contains("edge.authority.target: a target is needed"));
  EXPECT_THAT(CheckConfig({}, {false, true, false}, "/"),
              Contains("authority.signer.target: a target is needed"));
}

TEST(CheckConfig, TheLogHasALevelThatThereIs) {
  masa::v1::Config config;
  const auto faults = [&config](const char* level) {
    config.mutable_log()->set_level(level);
    return CheckConfig(config, {false, false, false}, "/");
  };
  const std::string fault = "log.level: not one of debug info warn error: loud";
  EXPECT_THAT(faults("loud"), Contains(fault));
  for (const char* good : {"", "debug", "info", "warn", "error"}) {
    EXPECT_THAT(faults(good), Not(Contains(StartsWith("log.level")))) << good;
  }
}

TEST(CheckConfig, TokenIssuersAreWhole) {
  const struct {
    const char* yaml;
    const char* fault;
  } cases[] = {
      {"{audience: a, tenant_id: t, jwks_url: 'http://l', organization_id: o}",
       "authority.oidc[0]: issuer, audience and tenant_id are needed"},
      {"{issuer: i, audience: a, tenant_id: t, organization_id: o}",
       "authority.oidc[0]: one of jwks_file and jwks_url is needed"},
      {"{issuer: i, audience: a, tenant_id: t, jwks_file: /no/file, "
       "organization_id: o}",
       "authority.oidc[0].jwks_file: the file cannot be read: /no/file"},
      {"{issuer: i, audience: a, tenant_id: t, jwks_url: 'ftp://l', "
       "organization_id: o}",
       "authority.oidc[0].jwks_url: not an http:// or https:// URL"},
      {"{issuer: i, audience: a, tenant_id: t, jwks_url: 'https://l', "
       "jwks_ca_file: /no/file, organization_id: o}",
       "authority.oidc[0].jwks_ca_file: the file cannot be read: /no/file"},
      {"{issuer: i, audience: a, tenant_id: t, jwks_url: 'http://l'}",
       "authority.oidc[0]: one of organization_id and organization_claim is "
       "needed"},
      {"{issuer: i, audience: a, tenant_id: t, jwks_url: 'http://l', "
       "organization_claim: org, leeway_seconds: 301}",
       "authority.oidc[0].leeway_seconds: at most 300"},
  };
  for (const auto& c : cases) {
    masa::v1::Config config;
    ASSERT_THAT(
        ReadYaml(std::string("authority: {oidc: [") + c.yaml + "]}", &config),
        IsEmpty());
    EXPECT_THAT(CheckConfig(config, {false, true, true}, "/"),
                Contains(c.fault));
  }
}

TEST(CheckConfig, WatchesHaveLimits) {
  masa::v1::Config config;
  auto* watch = config.mutable_authority()->mutable_ownership_watch();
  watch->set_heartbeat_seconds(3600);
  watch->set_longest_seconds(86'400);
  watch->set_most_watchers(10'000);
  config.mutable_storage()->set_feed_kept_hours(8784);
  config.mutable_storage()->set_backup_longest_age_hours(8784);
  for (const auto& fault : CheckConfig(config, {false, true, true}, "/")) {
    EXPECT_EQ(fault.find("at most"), std::string::npos) << fault;
  }
  watch->set_heartbeat_seconds(3601);
  watch->set_longest_seconds(86'401);
  watch->set_most_watchers(10'001);
  config.mutable_storage()->set_feed_kept_hours(8785);
  config.mutable_storage()->set_backup_longest_age_hours(8785);
  const auto faults = CheckConfig(config, {false, true, true}, "/");
  for (const char* fault :
       {"authority.ownership_watch.heartbeat_seconds: at most 3600",
        "authority.ownership_watch.longest_seconds: at most 86400",
        "authority.ownership_watch.most_watchers: at most 10000",
        "storage.feed_kept_hours: at most 8784",
        "storage.backup_longest_age_hours: at most 8784"}) {
    EXPECT_THAT(faults, Contains(fault));
  }
}

TEST(CheckConfig, ServiceRoleIsAPlainName) {
  masa::v1::Config config;
  config.mutable_storage()->set_service_role("a b");
  EXPECT_THAT(CheckConfig(config, {false, true, true}, "/"),
              Contains("storage.service_role: not a plain role name: a b"));
}

TEST(CheckConfig, PassesAConfigurationWhoseFilesAreThere) {
  const std::string folder = FolderWith({"c.pem", "k.key", "url"});
  masa::v1::Config config;
  ASSERT_THAT(ReadYaml(R"(
edge:
  listen: 127.0.0.1:0
  certificates: [{identity: {chain_file: c.pem, key_file: k.key}}]
storage: {database_url_file: url}
signer:
  local_keys: [{name: a, key_file: k.key, chain_file: c.pem, kinds: [TEST]}]
admin: {listen: "127.0.0.1:0"}
)",
                       &config),
              IsEmpty());
  EXPECT_THAT(CheckConfig(config, {true, true, true}, folder), IsEmpty());
  config.mutable_signer()->mutable_local_keys(0)->set_kinds(0, "ANYTHING");
  EXPECT_THAT(CheckConfig(config, {true, true, true}, folder),
              ElementsAre(StartsWith("signer.local_keys[0].kinds")));
}

TEST(CheckConfig, ASignerNamesWhatIsWrongWithItsKeysAndLimits) {
  const struct {
    const char* yaml;
    const char* fault;
  } cases[] = {
      {"pkcs11: {module: softhsm.so}",
       "signer.pkcs11.module: the whole path of a file is needed"},
      {"pkcs11: {module: /m.so}", "signer.pkcs11.tokens: one to 16 are needed"},
      {"pkcs11: {module: /m.so, tokens: [{pin_file: c.pem}]}",
       "signer.pkcs11.tokens[0].label: a label is needed"},
      {"pkcs11: {module: /m.so, tokens: [{label: t, pin_file: no}]}",
       "signer.pkcs11.tokens[0].pin_file: the file cannot be read: no"},
      {"pkcs11: {module: /m.so, tokens: [{label: t, sessions: 257}]}",
       "signer.pkcs11.tokens[0].sessions: at most 256"},
      {"pkcs11: {module: /m.so}",
       "signer.pkcs11.keys: at least one key is needed"},
      {"pkcs11: {module: /m.so, keys: [{name: a, id: 0g}]}",
       "signer.pkcs11.keys[0].id: not pairs of hexadecimal digits"},
      {"pkcs11: {module: /m.so, keys: [{chain_file: c.pem}]}",
       "signer.pkcs11.keys[0].name: a name is needed"},
      {"{pkcs11: {module: /m.so}, local_keys: [{name: a}]}",
       "signer: keys are local or in an HSM, not both"},
      {"{local_keys: [{name: a}], limits: [{key: b}]}",
       "signer.limits[0].key: there is no key b"},
      {"{local_keys: [{name: a}], limits: [{key: a, signatures_per_day: 1}]}",
       "signer.budget_folder: a limit for a day needs a folder"},
      {"{local_keys: [{name: a@1}]}",
       "signer.local_keys[0].name: an @ is for the versions of keys"},
      {"{local_keys: [{name: a, tenant_id: t}]}",
       "signer.local_keys[0].key_file: a file is needed"},
      {"{local_keys: [{name: a/b, tenant_id: t}], key_folder: c.pem}",
       "signer.local_keys[0].name: of a key with versions it has at most 64 "
       "letters, digits and any of . _ -"},
      {"{local_keys: [{name: a}], key_folder: c.pem}",
       "signer.key_passphrase_file: a file is needed"},
      {"{pkcs11: {module: /m.so, keys: [{name: a}]}}",
       "signer.pkcs11.keys[0].chain_file: a file is needed"},
      {"{local_keys: [{name: a}], stopped_keys_file: no}",
       "signer.stopped_keys_file: the file cannot be read: no"},
  };
  const std::string folder = FolderWith({"c.pem"});
  for (const auto& c : cases) {
    masa::v1::Config config;
    const std::string yaml =
        c.yaml[0] == '{' ? c.yaml : std::string("{") + c.yaml + "}";
    ASSERT_THAT(ReadYaml("signer: " + yaml, &config), IsEmpty()) << yaml;
    EXPECT_THAT(CheckConfig(config, {false, false, true}, folder),
                Contains(c.fault));
  }
}

}  // namespace
}  // namespace masa::config
