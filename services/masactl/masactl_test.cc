#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/masactl/command_line.h"
#include "services/masactl/csv.h"
#include "services/masactl/device_reports.h"
#include "services/masactl/device_rows.h"
#include "services/masactl/service.h"
#include "services/masactl/test_run.h"
#include "services/masactl/voucher_commands.h"
#include "services/masactl/voucher_names.h"
#include "services/testing/test_pki.h"

namespace masa::masactl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(CsvReader, ReadsRecordsWithTheirLines) {
  std::istringstream text("a,b\r\n\n\"x, \"\"y\"\"\nz\",2\n,\"\"\nlast");
  CsvReader reader(text);
  const auto header = reader.Next();
  EXPECT_THAT(header->fields, ElementsAre("a", "b"));
  EXPECT_EQ(header->line, 1);
  const auto quoted = reader.Next();
  EXPECT_THAT(quoted->fields, ElementsAre("x, \"y\"\nz", "2"));
  EXPECT_EQ(quoted->line, 3);
  const auto empty = reader.Next();
  EXPECT_THAT(empty->fields, ElementsAre("", ""));
  EXPECT_EQ(empty->line, 5);
  EXPECT_THAT(reader.Next()->fields, ElementsAre("last"));
  EXPECT_THAT(reader.Next()->fields, IsEmpty());
}

TEST(CsvReader, RefusesQuotesThatMakeNoSense) {
  for (const char* text : {"\"open", "a\"b\n", "\"a\"b\n"}) {
    std::istringstream input(text);
    const auto record = CsvReader(input).Next();
    ASSERT_FALSE(record.ok()) << text;
    EXPECT_THAT(std::string(record.status().message()), HasSubstr("line 1"));
  }
}

TEST(CsvField, IsReadBackAsItWas) {
  for (const std::string& value :
       {std::string("plain"), std::string(""), std::string("a,b"),
        std::string("say \"x\"\nthen")}) {
    std::istringstream text(CsvField(value) + ",end\n");
    EXPECT_THAT(CsvReader(text).Next()->fields, ElementsAre(value, "end"));
  }
}

TEST(DeviceColumns, ReadsEveryColumnInAnyOrder) {
  const auto columns = DeviceColumns::Create(
      {"labels", "product", "serial_number", "idevid_issuer", "idevid_cert",
       "organization", "model", "mac_addr", "ek_public_key"});
  ASSERT_TRUE(columns.ok()) << columns.status();
  const auto device = columns->Read(
      {"a=1;b=2", "p", "S", "0aFF", "AQID", "org", "m", "mac", "BAU="});
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(device->serial_number(), "S");
  EXPECT_EQ(device->product_id(), "p");
  EXPECT_EQ(device->idevid_issuer_ski(), "\x0a\xff");
  EXPECT_EQ(device->idevid_cert_der(), "\x01\x02\x03");
  EXPECT_EQ(device->ek_public_key_der(), "\x04\x05");
  EXPECT_EQ(device->organization_id(), "org");
  EXPECT_EQ(device->labels().at("b"), "2");
}

TEST(DeviceColumns, RefusesHeadersAndLinesThatCannotBeTaken) {
  for (const auto& header : std::vector<std::vector<std::string>>{
           {"serial_number"},
           {"serial_number", "product", "colour"},
           {"serial_number", "product", "product"},
           {}}) {
    EXPECT_FALSE(DeviceColumns::Create(header).ok());
  }
  const auto columns = DeviceColumns::Create(
      {"serial_number", "product", "idevid_issuer", "idevid_cert", "labels"});
  for (const auto& fields :
       std::vector<std::vector<std::string>>{{"S", "p"},
                                             {"", "p", "", "", ""},
                                             {"S", "", "", "", ""},
                                             {"S", "p", "xyz", "", ""},
                                             {"S", "p", "abc", "", ""},
                                             {"S", "p", "", "***", ""},
                                             {"S", "p", "", "", "novalue"}}) {
    EXPECT_FALSE(columns->Read(fields).ok());
  }
}

TEST(CommandLine, WrongWordsAreNamed) {
  const struct {
    std::vector<std::string> arguments;
    std::string says;
  } cases[] = {
      {{}, "subcommand"},
      {{"device"}, "subcommand"},
      {{"foo"}, "\"foo\""},
      {{"device", "foo"}, "\"foo\""},
      {{"transfer", "--help"}, "\"transfer\""},
      {{"device", "get"}, "SERIAL"},
      {{"device", "assign", "S"}, "--organization"},
      {{"device", "place", "S"}, "--group"},
      {{"device", "place", "--group", "g"}, "SERIAL"},
      {{"device", "import", "f", "--on-conflict", "pray"}, "pray"},
      {{"voucher", "issue", "--serial", "S"}, "required"},
      {{"audit", "show", "S", "--frob"}, "--frob"},
      {{"voucher", "export", "--organization", "o"}, "required"},
      {{"voucher", "issue", "--serial", "S", "--nonce", "n", "--out", "x"},
       "one of --domain-cert and --est"},
      {{"voucher", "issue", "--serial", "S", "--nonce", "n", "--out", "x",
        "--est", "--domain-cert", "c"},
       "one of --domain-cert and --est"},
      {{"voucher", "issue", "--est", "--endless", "--out", "x"}, "--serial"},
      {{"voucher", "issue", "--serial", "S", "T", "--nonce", "n", "--est",
        "--out", "x"},
       "one device"},
      {{"voucher", "issue", "--serials", "/no/file", "--est", "--endless",
        "--out", "x"},
       "/no/file"},
      {{"onboarding", "set"}, "GROUP"},
      {{"onboarding", "set", "g"}, "--registrar-url"},
      {{"onboarding", "set", "g", "--est-domain", "https://a"}, "--est-cert"},
      {{"onboarding", "set", "g", "--registrar-url", "https://a",
        "--configuration-url", "https://b"},
       "--configuration-url"},
      {{"onboarding", "set", "g", "--est-domain", "https://a", "--est-cert",
        "/no/cert"},
       "/no/cert"},
      {{"onboarding", "show"}, "GROUP"},
      {{"voucher", "approve"}, "CLAIM"},
      {{"device", "claim", "S"}, "--sales-order"},
      {{"org", "delete"}, "ORG"},
      {{"device", "transfer"}, "subcommand"},
      {{"device", "transfer", "offer", "S"}, "--to"},
      {{"device", "transfer", "accept"}, "TRANSFER"},
      {{"device", "history", "S", "--verify"}, "--anchor"},
      {{"device", "history", "S", "--verify", "--anchor", "/no/anchor"},
       "/no/anchor"},
      {{"device", "transfer", "offer", "S", "--to", "o", "--expires-in", "x"},
       "--expires-in"},
      {{"voucher", "approve", "xyz"}, "not hexadecimal"},
      {{"voucher", "export", "--organization", "o", "--domain-cert", "/no/cert",
        "--endless", "--out", "x"},
       "/no/cert"},
  };
  for (const auto& c : cases) {
    const Outcome outcome = RunWith(c.arguments);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr(c.says));
  }
  EXPECT_EQ(RunWith({"--help"}).status, 0);
}

TEST(CommandLine, AKeyIsThatOfItsCertificate) {
  testing::CertificateSpec spec;
  spec.common_name = "client";
  const testing::Identity one = testing::MakeIdentity(spec);
  const testing::Identity other = testing::MakeIdentity(spec);
  const std::string folder = ::testing::TempDir();
  const std::string cert = folder + "/cert.pem", key = folder + "/key.pem";
  const auto ask = [&](const std::string& cert_text,
                       const std::string& key_text) {
    std::ofstream(cert) << cert_text;
    std::ofstream(key) << key_text;
    CommonOptions options;
    options.server = "h:1";
    options.ca_file = options.cert_file = cert;
    options.key_file = key;
    return Connect(options).status();
  };
  EXPECT_TRUE(ask(one.CertificatePem(), one.KeyPem()).ok());
  const struct {
    absl::Status status;
    std::string says;
  } cases[] = {
      {ask(one.CertificatePem(), other.KeyPem()), "is not that of"},
      {ask("nothing", one.KeyPem()), "no PEM certificate"},
      {ask(one.CertificatePem(),
           "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n"
           "-----END ENCRYPTED PRIVATE KEY-----\n"),
       "the key is encrypted"},
      {ask(one.CertificatePem(), "nothing"), "no PEM private key"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(std::string(c.status.message()), HasSubstr(c.says));
  }
  CommonOptions options;
  options.server = "h:1";
  options.ca_file = key;
  options.token_file = cert;
  std::ofstream(key) << "nothing";
  std::ofstream(cert) << "token";
  EXPECT_THAT(std::string(Connect(options).status().message()),
              HasSubstr("no PEM certificate in --ca or MASA_CA"));
}

// A voucher that cannot be put down is not issued.
TEST(CheckWritable, IsAFolderOrAFileThatCanBe) {
  const std::string folder = ::testing::TempDir();
  std::ofstream(folder + "/old") << "x";
  for (const std::string& good : {folder, folder + "/old", folder + "/new"}) {
    EXPECT_TRUE(CheckWritable(good).ok()) << good;
  }
  EXPECT_THAT(std::string(CheckWritable("/nodir/x").message()),
              HasSubstr("/nodir/x"));
  EXPECT_FALSE(CheckWritable(folder + "/old/x").ok());
  const Outcome outcome = RunWith({"voucher", "issue", "--serial", "S", "--est",
                                   "--endless", "--out", "/nodir/x"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("/nodir/x"));
}

// Nor are many that cannot all be.
TEST(CommandLine, ManyVouchersHaveTheirPlacesBeforeTheyAreOrdered) {
  const std::string folder = ::testing::TempDir() + "/vouchers";
  std::filesystem::create_directories(folder + "/S-2.vcj");
  std::ofstream(folder + "/S-3.vcj") << "an earlier one";
  const auto issue = [](std::vector<std::string> more) {
    std::vector<std::string> words = {
        "voucher", "issue", "--est", "--endless", "--out", more[0], "--serial"};
    words.insert(words.end(), more.begin() + 1, more.end());
    const Outcome outcome = RunWith(words);
    EXPECT_EQ(outcome.status, 1);
    return outcome.err;
  };
  EXPECT_THAT(issue({"/nodir", "S-1", "S-3"}), HasSubstr("is no folder"));
  EXPECT_THAT(issue({"/proc", "S-1", "S-3"}),
              HasSubstr("no file can be made in the folder --out"));
  EXPECT_THAT(issue({folder, "S-1", "S-2"}), HasSubstr("/S-2.vcj"));
  // With places for all it goes on to the service, and leaves nothing behind.
  EXPECT_THAT(issue({folder, "S-1", "S-3", "../S-2"}), HasSubstr("--server"));
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files += entry.exists() ? 1 : 0;
  }
  EXPECT_EQ(files, 2u);
}

TEST(EachOnce, KeepsTheOrder) {
  EXPECT_THAT(EachOnce({"b", "a", "b", "c", "a"}), ElementsAre("b", "a", "c"));
  EXPECT_THAT(EachOnce({}), IsEmpty());
}

TEST(CommandLine, SaysWhatIsMissingToReachTheService) {
  const std::string folder = ::testing::TempDir();
  const std::string text = folder + "/text", words = folder + "/words";
  std::ofstream(text) << "PEM";
  std::ofstream(words) << "secret words\n";
  const struct {
    std::vector<std::string> arguments;
    std::string says;
  } cases[] = {
      {{"device", "get", "S"}, "MASA_SERVER"},
      {{"device", "get", "S", "--server", "h:1"}, "MASA_CA"},
      {{"device", "get", "S", "--server", "h:1", "--ca", "x"}, "MASA_CERT"},
      {{"device", "get", "S", "--server", "h:1", "--ca", "/no/ca", "--cert",
        "x", "--key", "x"},
       "/no/ca"},
      {{"device", "get", "S", "--server", "h:1", "--ca", text, "--token-file",
        "/no/token"},
       "/no/token"},
      {{"device", "get", "S", "--server", "h:1", "--ca", text, "--token-file",
        words},
       "not one token"},
      {{"device", "get", "S", "--server", "h:1", "--ca", text, "--token-file",
        text, "--cert", "x"},
       "MASA_KEY"},
      {{"device", "import", "/no/file"}, "/no/file"},
      {{"voucher", "issue", "--serial", "S", "--domain-cert", "/no/cert",
        "--expires-in", "20m", "--out", "x"},
       "/no/cert"},
  };
  for (const auto& c : cases) {
    const Outcome outcome = RunWith(c.arguments);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr("masactl: "));
    EXPECT_THAT(outcome.err, HasSubstr(c.says));
    EXPECT_THAT(outcome.err, Not(HasSubstr("secret")));
  }
}

// SZ-12.
TEST(JsonWithReports, IsOneObjectOfTheDeviceAndWhatItTold) {
  const std::string device = R"({"serial_number":"S-1","labels":{}})";
  EXPECT_EQ(JsonWithReports(device, {}),
            R"({"serial_number":"S-1","labels":{},"reports":[]})");
  masa::v1::ListDeviceReportsResponse told;
  told.add_reports()->set_reason("no } \"here\"");
  const std::string json = JsonWithReports(device, told);
  google::protobuf::Struct read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &read).ok())
      << json;
  EXPECT_EQ(read.fields().at("serial_number").string_value(), "S-1");
  const auto& reports = read.fields().at("reports").list_value();
  ASSERT_EQ(reports.values_size(), 1);
  EXPECT_EQ(
      reports.values(0).struct_value().fields().at("reason").string_value(),
      "no } \"here\"");
}

TEST(VoucherPath, AFolderGetsFilesWithTheEndingOfTheirFormat) {
  const std::string folder = ::testing::TempDir();
  const std::string base = folder + (folder.back() == '/' ? "" : "/");
  EXPECT_EQ(VoucherPath(folder, "id", masa::v1::FORMAT_CMS_JSON),
            base + "id.vcj");
  EXPECT_EQ(VoucherPath(folder, "id", masa::v1::FORMAT_JWS_JSON),
            base + "id.vjj");
  EXPECT_EQ(VoucherPath(folder, "id", masa::v1::FORMAT_COSE_CBOR),
            base + "id.vch");
  EXPECT_EQ(VoucherPath("some/file", "id", masa::v1::FORMAT_COSE_CBOR),
            "some/file");
}

TEST(VoucherNames, AreOfTheDeviceWhereThatIsAPlainNameOfItsOwn) {
  VoucherNames names(".vcj");
  const struct {
    std::string serial, id, name;
  } cases[] = {{"S-1", "id-1", "S-1.vcj"},
               {"S-1", "id-2", "id-2.vcj"},
               {"s-1", "id-8", "id-8.vcj"},
               {"../S", "id-3", "id-3.vcj"},
               {".hidden", "id-4", "id-4.vcj"},
               {"", "id-5", "id-5.vcj"},
               {std::string(80, 'x'), "id-6", std::string(80, 'x') + ".vcj"},
               {std::string(81, 'x'), "id-7", "id-7.vcj"}};
  for (const auto& c : cases) {
    EXPECT_EQ(names.NameOf(c.serial, c.id), c.name);
  }
}

}  // namespace
}  // namespace masa::masactl
