#include "services/wire/cms.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "openssl/bytestring.h"
#include "openssl/evp.h"
#include "services/status/reason.h"
#include "services/wire/test_files.h"

namespace masa::wire {
namespace {

const absl::Time kSigningTime = absl::FromCivil(
    absl::CivilSecond(2021, 4, 13, 21, 43, 24), absl::UTCTimeZone());

CBS Bytes(absl::string_view octets) {
  CBS cbs;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(octets.data()),
           octets.size());
  return cbs;
}

// Whether the signature over signed_octets was made by the enclosed key.
bool Verifies(const SignedArtifact& artifact, const SignerInfo& signer) {
  CBS spki = Bytes(artifact.certificates[signer.certificate]->spki_der);
  const bssl::UniquePtr<EVP_PKEY> key(EVP_parse_public_key(&spki));
  const CBS message = Bytes(signer.signed_octets);
  const CBS signature = Bytes(signer.signature);
  bssl::ScopedEVP_MD_CTX context;
  return key != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                              key.get()) == 1 &&
         EVP_DigestVerify(context.get(), CBS_data(&signature),
                          CBS_len(&signature), CBS_data(&message),
                          CBS_len(&message)) == 1;
}

Reason ReasonFor(absl::string_view octets) {
  const auto parsed = ParseCms(octets);
  return parsed.ok() ? Reason::kInternal : ReasonOf(parsed.status());
}

// `octets` with its first `from` replaced by `to`, of the same size.
std::string Replaced(std::string octets, const std::string& from,
                     const std::string& to) {
  const size_t at = octets.find(from);
  EXPECT_NE(at, std::string::npos);
  EXPECT_EQ(from.size(), to.size());
  return octets.replace(at, from.size(), to);
}

// The same element in BER: lengths left open down to `depth`, and octet
// strings there in two pieces.
std::string Streamed(CBS* elements, int depth) {
  std::string out;
  while (CBS_len(elements) > 0) {
    CBS element, contents;
    unsigned tag;
    size_t header;
    if (!CBS_get_any_asn1_element(elements, &element, &tag, &header)) {
      return "";
    }
    const std::string whole(reinterpret_cast<const char*>(CBS_data(&element)),
                            CBS_len(&element));
    CBS_init(&contents, CBS_data(&element) + header,
             CBS_len(&element) - header);
    const bool octets = tag == CBS_ASN1_OCTETSTRING && CBS_len(&contents) > 300;
    if (depth == 0 || (!octets && (tag & CBS_ASN1_CONSTRUCTED) == 0)) {
      out += whole;
    } else if (octets) {
      const std::string text = whole.substr(header);
      out += std::string("\x24\x80\x04\x64", 4) + text.substr(0, 100);
      for (size_t i = 100; i < text.size(); i += 100) {
        const std::string piece = text.substr(i, 100);
        out += std::string("\x04") + static_cast<char>(piece.size()) + piece;
      }
      out += std::string(2, '\0');
    } else {
      out += whole.substr(0, 1) + "\x80" + Streamed(&contents, depth - 1) +
             std::string(2, '\0');
    }
  }
  return out;
}

TEST(ParseCms, ReadsEveryArtifactOfRfc8995AppendixC) {  // CM-03, CM-13
  const struct {
    const char* file;
    size_t certificates;
    const char* start;
  } kCases[] = {
      {"pvr.der", 1, R"({"ietf-voucher-request:voucher":)"},
      {"rvr.der", 2, R"({"ietf-voucher-request:voucher":)"},
      {"voucher.der", 1, R"({"ietf-voucher:voucher":)"},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.file);
    const auto artifact = ParseCms(Rfc8995File(test.file));
    ASSERT_TRUE(artifact.ok()) << artifact.status();
    EXPECT_EQ(artifact->format, masa::v1::FORMAT_CMS_JSON);
    EXPECT_EQ(artifact->certificates.size(), test.certificates);
    EXPECT_EQ(artifact->payload.rfind(test.start, 0), 0u);
    ASSERT_EQ(artifact->signers.size(), 1u);
    const SignerInfo& signer = artifact->signers[0];
    ASSERT_GE(signer.certificate, 0);
    EXPECT_EQ(signer.algorithm, SignatureAlgorithm::kEcdsaSha256);
    EXPECT_TRUE(Verifies(*artifact, signer));
  }
}

TEST(ParseCms, ReadsLengthsLeftOpen) {  // CM-14
  for (const char* file : {"pvr.der", "rvr.der", "voucher.der"}) {
    SCOPED_TRACE(file);
    const std::string der = Rfc8995File(file);
    const auto straight = ParseCms(der);
    for (int depth = 1; depth <= 5; ++depth) {
      CBS input = Bytes(der);
      const std::string ber = Streamed(&input, depth);
      ASSERT_GT(ber.size(), 0u);
      const auto artifact = ParseCms(ber);
      ASSERT_TRUE(artifact.ok()) << depth << artifact.status();
      EXPECT_EQ(artifact->payload, straight->payload);
      EXPECT_EQ(artifact->signers[0].signed_octets,
                straight->signers[0].signed_octets);
      EXPECT_TRUE(Verifies(*artifact, artifact->signers[0]));
    }
  }
}

TEST(ParseCms, RefusesWhatIsCutOff) {
  const std::string der = Rfc8995File("rvr.der");
  for (size_t length = 0; length < der.size(); ++length) {
    EXPECT_EQ(ReasonFor(der.substr(0, length)), Reason::kMalformed) << length;
  }
  EXPECT_EQ(ReasonFor(der + '\0'), Reason::kMalformed);
  EXPECT_EQ(ReasonFor(der + der), Reason::kMalformed);
}

TEST(ParseCms, RefusesGarbage) {
  const std::string json = R"({"ietf-voucher-request:voucher":{}})";
  for (const std::string& octets :
       {std::string(), std::string("garbage"), json, std::string(4096, '\x30'),
        std::string(4096, '\0'), std::string(64 * 1024 + 1, '\x30'),
        std::string("\x30\x80\x00\x00", 4)}) {
    EXPECT_EQ(ReasonFor(octets), Reason::kMalformed);
  }
  std::string deep;
  for (int i = 0; i < 30000; ++i) {
    deep += "\x30\x80";
  }
  EXPECT_EQ(ReasonFor(deep), Reason::kMalformed);
}

// A SignedData put together from parts, so that each can be missing.
struct Parts {
  std::string content_type = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
  std::string content;  // the [0] element
  std::string certificates;
  std::string attributes;  // the [0] element
};

std::string Der(uint8_t tag, const std::string& contents) {
  bssl::ScopedCBB cbb;
  CBB child;
  CBB_init(cbb.get(), 64);
  const unsigned cbs_tag =
      (static_cast<unsigned>(tag & 0xe0) << CBS_ASN1_TAG_SHIFT) | (tag & 0x1f);
  CBB_add_asn1(cbb.get(), &child, cbs_tag);
  CBB_add_bytes(&child, reinterpret_cast<const uint8_t*>(contents.data()),
                contents.size());
  CBB_flush(cbb.get());
  return std::string(reinterpret_cast<const char*>(CBB_data(cbb.get())),
                     CBB_len(cbb.get()));
}

const char kSha256Der[] =
    "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
const char kEcdsaDer[] = "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";

std::string Signer(const Parts& parts) {
  const std::string key_id = Der(0x80, std::string(20, 'k'));
  return Der(0x30, std::string("\x02\x01\x03") + key_id + kSha256Der +
                       parts.attributes + kEcdsaDer + Der(0x04, "signature"));
}

std::string Assembled(const Parts& parts, const std::string& signers) {
  const std::string data = "\x02\x01\x01" + Der(0x31, kSha256Der) +
                           Der(0x30, parts.content_type + parts.content) +
                           parts.certificates + Der(0x31, signers);
  return Der(0x30, std::string("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02") +
                       Der(0xa0, Der(0x30, data)));
}

// Parts that parse: the RFC's voucher, by a signer named by key identifier.
Parts GoodParts() {
  const auto voucher = ParseCms(Rfc8995File("voucher.der"));
  Parts parts;
  parts.content = Der(0xa0, Der(0x04, voucher->payload));
  parts.attributes = voucher->signers[0].signed_octets;
  parts.attributes[0] = '\xa0';
  parts.certificates = Der(0xa0, Rfc8995File("idevid_cert.der"));
  return parts;
}

TEST(ParseCms, FindsASignerByKeyIdentifier) {  // CM-12
  Parts parts = GoodParts();
  auto artifact = ParseCms(Assembled(parts, Signer(parts)));
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ(artifact->signers[0].certificate, -1);
  const auto idevid = Certificate::Parse(Rfc8995File("idevid_cert.der"));
  const std::string signer =
      Replaced(Signer(parts), std::string(20, 'k'), *(*idevid)->subject_key_id);
  artifact = ParseCms(Assembled(parts, signer));
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ(artifact->signers[0].certificate, 0);
}

TEST(ParseCms, CountsSigners) {  // CM-11
  const Parts parts = GoodParts();
  const std::string one = Signer(parts);
  EXPECT_EQ(ReasonFor(Assembled(parts, "")), Reason::kNotSigned);
  EXPECT_EQ(ParseCms(Assembled(parts, one + one + one + one))->signers.size(),
            4u);
  EXPECT_EQ(ReasonFor(Assembled(parts, one + one + one + one + one)),
            Reason::kMalformed);
}

TEST(ParseCms, CountsCertificates) {  // SE-04
  Parts parts = GoodParts();
  std::string certificates;
  for (int i = 0; i < 16; ++i) {
    certificates += Rfc8995File("idevid_cert.der");
  }
  parts.certificates = Der(0xa0, certificates);
  EXPECT_TRUE(ParseCms(Assembled(parts, Signer(parts))).ok());
  certificates += Rfc8995File("idevid_cert.der");
  parts.certificates = Der(0xa0, certificates);
  EXPECT_EQ(ReasonFor(Assembled(parts, Signer(parts))), Reason::kMalformed);
  parts.certificates = Der(0xa0, Der(0x30, "no certificate"));
  EXPECT_EQ(ReasonFor(Assembled(parts, Signer(parts))), Reason::kMalformed);
}

TEST(ParseCms, RefusesDetachedContent) {  // CM-15
  Parts parts = GoodParts();
  parts.content = "";
  EXPECT_EQ(ReasonFor(Assembled(parts, Signer(parts))), Reason::kMalformed);
}

TEST(ParseCms, RefusesMissingSignedAttributes) {  // CM-06
  Parts parts = GoodParts();
  parts.attributes = "";
  EXPECT_EQ(ReasonFor(Assembled(parts, Signer(parts))), Reason::kNotSigned);
}

TEST(ParseCms, RefusesAttributesThatDisagreeWithTheContent) {  // CM-07
  const std::string content_type =
      Der(0x30, std::string("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03") +
                    Der(0x31, GoodParts().content_type));
  const std::string good = GoodParts().attributes;
  const std::string header = good.substr(0, 2);
  const std::string rest = good.substr(2 + content_type.size());
  ASSERT_EQ(header + content_type + rest, good);
  const struct {
    const char* name;
    std::string attributes;
  } kCases[] = {
      {"no attribute", std::string("\xa0\x00", 2)},
      {"no content-type", Der(0xa0, rest)},
      {"no message-digest", Der(0xa0, content_type)},
      {"content-type twice", Der(0xa0, content_type + content_type + rest)},
      {"another content-type",
       Replaced(good, "\x0d\x01\x07\x01", "\x0d\x01\x07\x02")},
      {"another digest", good.substr(0, good.size() - 1) + "!"},
  };
  for (const auto& test : kCases) {
    Parts parts = GoodParts();
    parts.attributes = test.attributes;
    EXPECT_EQ(ReasonFor(Assembled(parts, Signer(parts))),
              Reason::kSignatureInvalid)
        << test.name;
  }
  const std::string rvr = Rfc8995File("rvr.der");
  EXPECT_EQ(ReasonFor(Replaced(rvr, "proximity", "Proximity")),
            Reason::kSignatureInvalid);
}

TEST(ParseCms, ReadsAlgorithmsByEitherName) {
  const struct {
    const char* name;
    std::string oid;
    SignatureAlgorithm algorithm;
  } kCases[] = {
      {"id-ecPublicKey", Der(0x06, "\x2a\x86\x48\xce\x3d\x02\x01"),
       SignatureAlgorithm::kEcdsaSha256},
      {"rsaEncryption", Der(0x06, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"),
       SignatureAlgorithm::kRsaPkcs1Sha256},
      {"sha256WithRSA", Der(0x06, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"),
       SignatureAlgorithm::kRsaPkcs1Sha256},
      {"Ed25519", Der(0x06, "\x2b\x65\x70"), SignatureAlgorithm::kEd25519},
  };
  const Parts parts = GoodParts();
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.name);
    const std::string signer =
        Der(0x30, "\x02\x01\x03" + Der(0x80, "key") + kSha256Der +
                      parts.attributes +
                      Der(0x30, test.oid + std::string("\x05\x00", 2)) +
                      Der(0x04, "signature"));
    const auto artifact = ParseCms(Assembled(parts, signer));
    ASSERT_TRUE(artifact.ok()) << artifact.status();
    EXPECT_EQ(artifact->signers[0].algorithm, test.algorithm);
  }
  // ecdsa-with-SHA384 over attributes that name SHA-256.
  EXPECT_EQ(ReasonFor(Assembled(parts,
                                Replaced(Signer(parts), kEcdsaDer,
                                         std::string(kEcdsaDer, 11) + "\x03"))),
            Reason::kSignatureInvalid);
}

TEST(CmsTemplate, BuildsTheVoucherOfRfc8995OctetForOctet) {  // CM-01, CM-04
  const std::string golden = Rfc8995File("voucher.der");     // CM-10
  const auto voucher = ParseCms(golden);
  ASSERT_TRUE(voucher.ok());
  const auto made = CmsTemplate::Create({Rfc8995File("masa_cert.der")},
                                        SignatureAlgorithm::kEcdsaP256Sha256,
                                        /*id_data=*/true);
  ASSERT_TRUE(made.ok()) << made.status();
  const std::string attributes =
      made->EncodeSignedAttributes(voucher->payload, kSigningTime);
  EXPECT_EQ(attributes, voucher->signers[0].signed_octets);
  EXPECT_EQ(
      made->Finish(voucher->payload, attributes, voucher->signers[0].signature),
      golden);
}

TEST(CmsTemplate, BuildsWhatParses) {  // CM-02, CM-05, CM-08, CM-09, CM-11
  const std::vector<std::string> chain = {Rfc8995File("masa_cert.der"),
                                          Rfc8995File("vendor_cert.der")};
  const struct {
    SignatureAlgorithm in;
    SignatureAlgorithm out;
  } kCases[] = {
      {SignatureAlgorithm::kEcdsaP256Sha256, SignatureAlgorithm::kEcdsaSha256},
      {SignatureAlgorithm::kEcdsaP384Sha384, SignatureAlgorithm::kEcdsaSha384},
      {SignatureAlgorithm::kEcdsaSha512, SignatureAlgorithm::kEcdsaSha512},
      {SignatureAlgorithm::kRsaPkcs1Sha256,
       SignatureAlgorithm::kRsaPkcs1Sha256},
      {SignatureAlgorithm::kRsaPkcs1Sha384,
       SignatureAlgorithm::kRsaPkcs1Sha384},
      {SignatureAlgorithm::kRsaPkcs1Sha512,
       SignatureAlgorithm::kRsaPkcs1Sha512},
      {SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEd25519},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(static_cast<int>(test.in));
    for (const absl::Time time :
         {kSigningTime, kSigningTime + absl::Hours(24 * 366 * 40)}) {
      const auto made = CmsTemplate::Create(chain, test.in, /*id_data=*/false);
      ASSERT_TRUE(made.ok());
      const std::string content(1000, 'c');
      const std::string attributes =
          made->EncodeSignedAttributes(content, time);
      const std::string built = made->Finish(content, attributes, "signature");
      const auto artifact = ParseCms(built);
      ASSERT_TRUE(artifact.ok()) << artifact.status();
      EXPECT_EQ(artifact->payload, content);
      EXPECT_EQ(artifact->signers.size(), 1u);
      EXPECT_EQ(artifact->signers[0].algorithm, test.out);
      EXPECT_EQ(artifact->signers[0].signed_octets, attributes);
      EXPECT_EQ(artifact->signers[0].signature, "signature");
      ASSERT_EQ(artifact->certificates.size(), 2u);
      // Sorted as DER wants a SET OF; the signer is found wherever it is.
      EXPECT_LT(artifact->certificates[0]->der, artifact->certificates[1]->der);
      EXPECT_EQ(artifact->certificates[artifact->signers[0].certificate]->der,
                chain[0]);
      // SignedData.version 3, and id-ct-animaJSONVoucher.
      EXPECT_EQ(built.substr(19 + 4, 3), "\x02\x01\x03");
      EXPECT_NE(built.find("\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01("),
                std::string::npos);
    }
  }
}

TEST(CmsTemplate, RefusesAChainThatDoesNotParse) {
  for (const std::vector<std::string>& chain :
       {std::vector<std::string>{},
        {"garbage"},
        {Rfc8995File("masa_cert.der"), "garbage"}}) {
    const auto made =
        CmsTemplate::Create(chain, SignatureAlgorithm::kEcdsaP256Sha256, false);
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(ReasonOf(made.status()), Reason::kCertMalformed);
  }
}

}  // namespace
}  // namespace masa::wire
