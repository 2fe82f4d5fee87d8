#include "services/signing/lint.h"

#include <functional>
#include <string>

#include "gtest/gtest.h"
#include "services/signing/test_items.h"
#include "services/status/reason.h"
#include "services/wire/voucher_template.h"

namespace masa::signing {
namespace {

Reason LintReason(const ToBeSigned& item) {
  const absl::Status status =
      LintVoucher(item, SignatureAlgorithm::kEcdsaP256Sha256);
  return status.ok() ? Reason::kInternal : ReasonOf(status);
}

TEST(Lint, RefusesEachFieldThatIsNotWhatWasAskedFor) {
  ASSERT_EQ(LintReason(Prepare(NoncedVoucher(), NoncedVoucher(), kP256)),
            Reason::kInternal);
  const struct {
    const char* name;
    std::function<void(wire::Voucher&)> tamper;
  } cases[] = {
      {"assertion",
       [](auto& v) { v.assertion = masa::v1::ASSERTION_VERIFIED; }},
      {"created-on", [](auto& v) { v.created_on += absl::Seconds(1); }},
      {"expires-on", [](auto& v) { v.expires_on = Now() + absl::Hours(1); }},
      {"serial-number", [](auto& v) { v.serial_number = "DEMO-0002"; }},
      {"nonce", [](auto& v) { v.nonce = testing::Base64("another nonce"); }},
      {"no nonce", [](auto& v) { v.nonce.reset(); }},
      {"idevid-issuer", [](auto& v) { v.idevid_issuer.reset(); }},
      {"pin", [](auto& v) { v.pinned_domain_cert_der = "another"; }},
      {"revocation", [](auto& v) { v.domain_cert_revocation_checks = true; }},
      {"est-domain", [](auto& v) { v.est_domain = "https://a"; }},
      {"additional-configuration-url",
       [](auto& v) { v.additional_configuration_url = "https://a"; }},
  };
  for (const auto& c : cases) {
    wire::Voucher other = NoncedVoucher();
    c.tamper(other);
    EXPECT_EQ(LintReason(Prepare(other, NoncedVoucher(), kP256)),
              Reason::kKeyNotForThis)
        << c.name;
  }
}

// VL-02, VI-15, VI-16, AMB-01: wrong even where the caller asked for it.
TEST(Lint, RefusesVouchersThatNobodyMayHave) {
  wire::Voucher nonceless = NoncedVoucher();
  nonceless.nonce.reset();
  nonceless.expires_on = Now() + absl::Hours(1);
  EXPECT_EQ(LintReason(Prepare(nonceless, nonceless, kP256)),
            Reason::kInternal);
  wire::Voucher both = NoncedVoucher();
  both.expires_on = Now() + absl::Hours(1);
  wire::Voucher neither = NoncedVoucher();
  neither.nonce.reset();
  wire::Voucher no_pin = NoncedVoucher();
  no_pin.pinned_domain_cert_der.clear();
  for (const wire::Voucher& voucher : {both, neither, no_pin}) {
    EXPECT_EQ(LintReason(Prepare(voucher, voucher, kP256)),
              Reason::kKeyNotForThis);
  }
}

TEST(Lint, RefusesAttributesThatAreNotOfTheContent) {
  const wire::Voucher voucher = NoncedVoucher();
  const std::string content = JsonOf(voucher);
  const std::string good =
      TemplateFor(kP256).EncodeSignedAttributes(content, Now());
  const std::string cases[] = {
      "", "garbage", good + "x", good.substr(0, good.size() - 1),
      TemplateFor(kP256).EncodeSignedAttributes(content + " ", Now())};
  for (const std::string& attributes : cases) {
    EXPECT_EQ(LintReason(ToBeSigned::Voucher(masa::v1::FORMAT_CMS_JSON,
                                             attributes, content, voucher)),
              Reason::kKeyNotForThis);
  }
}

// The same in JWS and COSE: what the key signs is of this content and this
// algorithm, and the content is what was asked for.
TEST(Lint, ReadsEveryFormat) {
  for (const auto format :
       {masa::v1::FORMAT_JWS_JSON, masa::v1::FORMAT_COSE_CBOR}) {
    const auto form = wire::VoucherTemplate::Create(
        format, {Make(KeyKind::kP256).CertificateDer()}, kP256, {});
    ASSERT_TRUE(form.ok()) << form.status();
    const wire::Voucher voucher = NoncedVoucher();
    const auto item = [&](const wire::Voucher& written,
                          const std::string& more) {
      const std::string content = form->EncodeContent(
          written, testing::Base64(written.pinned_domain_cert_der));
      return ToBeSigned::Voucher(format,
                                 form->EncodeToBeSigned(content, Now()) + more,
                                 content, voucher);
    };
    EXPECT_EQ(LintReason(item(voucher, "")), Reason::kInternal);
    EXPECT_EQ(LintReason(item(voucher, "x")), Reason::kKeyNotForThis);
    wire::Voucher other = voucher;
    other.serial_number = "DEMO-0002";
    EXPECT_EQ(LintReason(item(other, "")), Reason::kKeyNotForThis);
    other = voucher;
    other.nonce = testing::Base64("another nonce");
    EXPECT_EQ(LintReason(item(other, "")), Reason::kKeyNotForThis);
    EXPECT_EQ(ReasonOf(LintVoucher(item(voucher, ""),
                                   SignatureAlgorithm::kEcdsaP384Sha384)),
              Reason::kKeyNotForThis);
    const std::string content = form->EncodeContent(
        voucher, testing::Base64(voucher.pinned_domain_cert_der));
    for (const std::string& octets : {std::string(), std::string("garbage"),
                                      form->EncodeToBeSigned("{}", Now())}) {
      EXPECT_EQ(
          LintReason(ToBeSigned::Voucher(format, octets, content, voucher)),
          Reason::kKeyNotForThis);
    }
  }
}

// A header that is known saves its reading and nothing else.
TEST(Lint, KnowsOneHeaderOfJws) {
  const wire::Voucher voucher = NoncedVoucher();
  const auto item = [&](SignatureAlgorithm algorithm, const char* more) {
    const auto form = wire::VoucherTemplate::Create(
        masa::v1::FORMAT_JWS_JSON, {Make(KeyKind::kP256).CertificateDer()},
        algorithm, {});
    const std::string content = form->EncodeContent(
        voucher, testing::Base64(voucher.pinned_domain_cert_der));
    return ToBeSigned::Voucher(masa::v1::FORMAT_JWS_JSON,
                               form->EncodeToBeSigned(content, Now()) + more,
                               content, voucher);
  };
  wire::KnownParts headers;
  const wire::KnownOctets& known = headers.jws_header;
  const auto lint = [&headers](const ToBeSigned& asked) {
    return LintVoucher(asked, kP256, false, &headers).ok();
  };
  const ToBeSigned good = item(kP256, "");
  const std::string header(good.octets().substr(0, good.octets().find('.')));
  EXPECT_FALSE(known.Is(header));
  EXPECT_TRUE(lint(good));
  EXPECT_TRUE(known.Is(header));
  EXPECT_TRUE(lint(good));
  EXPECT_FALSE(lint(item(SignatureAlgorithm::kEcdsaP384Sha384, "")));
  EXPECT_TRUE(known.Is(header));
  EXPECT_FALSE(lint(item(kP256, "x")));
  // Another chain of this algorithm is read, and known from then on.
  EXPECT_TRUE(lint(item(kP256, "")));
  EXPECT_FALSE(known.Is(header));
  EXPECT_FALSE(wire::KnownOctets().Is(""));
}

// A dot ends the header; the library would take more of them for padding.
TEST(Lint, RefusesDotsInAHeaderOfJws) {
  const wire::Voucher voucher = NoncedVoucher();
  for (int length = 0; length < 4; ++length) {
    // Names of four lengths, so that headers end at each place of a group.
    testing::CertificateSpec spec;
    spec.common_name = std::string(1 + length, 'm');
    spec.not_before = Now();
    spec.not_after = Now() + absl::Hours(1);
    const auto form = wire::VoucherTemplate::Create(
        masa::v1::FORMAT_JWS_JSON,
        {testing::MakeIdentity(spec).CertificateDer()}, kP256, {});
    const std::string content = JsonOf(voucher);
    std::string octets = form->EncodeToBeSigned(content, Now());
    for (int dots = 0; dots < 4; ++dots) {
      EXPECT_EQ(LintReason(ToBeSigned::Voucher(masa::v1::FORMAT_JWS_JSON,
                                               octets, content, voucher)),
                dots == 0 ? Reason::kInternal : Reason::kKeyNotForThis);
      octets.insert(octets.find('.'), ".");
    }
  }
}

// What is a good header of JWS is none of COSE.
TEST(Lint, KnowsHeadersByFormat) {
  const wire::Voucher voucher = NoncedVoucher();
  const auto form = [](masa::v1::Format format) {
    return wire::VoucherTemplate::Create(
        format, {Make(KeyKind::kP256).CertificateDer()}, kP256, {});
  };
  const auto jws = form(masa::v1::FORMAT_JWS_JSON);
  const auto cose = form(masa::v1::FORMAT_COSE_CBOR);
  const std::string json = JsonOf(voucher);
  const std::string jws_octets = jws->EncodeToBeSigned(json, Now());
  const std::string cbor = cose->EncodeContent(voucher, "");
  const std::string cose_octets = cose->EncodeToBeSigned(cbor, Now());
  wire::KnownParts headers;
  const auto lint = [&](masa::v1::Format format, const std::string& octets,
                        const std::string& content) {
    return LintVoucher(ToBeSigned::Voucher(format, octets, content, voucher),
                       kP256, false, &headers)
        .ok();
  };
  EXPECT_TRUE(lint(masa::v1::FORMAT_JWS_JSON, jws_octets, json));
  // The Sig_structure with the JWS's header for its own, of two octets' length.
  const std::string header = jws_octets.substr(0, jws_octets.find('.'));
  ASSERT_GE(header.size(), 256u);
  const std::string start = std::string("\x84\x6aSignature1");
  ASSERT_EQ(cose_octets.substr(0, start.size()), start);
  const std::string own("\x43\xa1\x01\x26");
  ASSERT_EQ(cose_octets.substr(start.size(), own.size()), own);
  const std::string foreign = start + '\x59' +
                              static_cast<char>(header.size() >> 8) +
                              static_cast<char>(header.size() & 255) + header +
                              cose_octets.substr(start.size() + own.size());
  EXPECT_FALSE(lint(masa::v1::FORMAT_COSE_CBOR, foreign, cbor));
  EXPECT_TRUE(lint(masa::v1::FORMAT_COSE_CBOR, cose_octets, cbor));
  EXPECT_TRUE(headers.cose_header.Is(own.substr(1)));
  EXPECT_TRUE(lint(masa::v1::FORMAT_COSE_CBOR, cose_octets, cbor));
  EXPECT_FALSE(lint(masa::v1::FORMAT_COSE_CBOR, cose_octets + "x", cbor));
  EXPECT_FALSE(lint(masa::v1::FORMAT_COSE_CBOR, foreign, cbor));
}

// A pin that was decoded, and attributes that were read, are compared all the
// same.
TEST(Lint, KnowsThePinAndTheAttributesOfCms) {
  wire::KnownParts known;
  const auto lint = [&known](const ToBeSigned& item) {
    return LintVoucher(item, kP256, false, &known).ok();
  };
  const wire::Voucher one = NoncedVoucher();
  wire::Voucher another = one;
  another.pinned_domain_cert_der = "another certificate";
  std::string pin;
  EXPECT_FALSE(known.pin.Decode(testing::Base64("a certificate"), &pin));
  EXPECT_TRUE(lint(Prepare(one, one, kP256)));
  EXPECT_TRUE(known.pin.Decode(testing::Base64("a certificate"), &pin));
  EXPECT_EQ(pin, "a certificate");
  EXPECT_TRUE(lint(Prepare(one, one, kP256)));
  EXPECT_FALSE(lint(Prepare(another, one, kP256)));
  EXPECT_FALSE(lint(Prepare(one, another, kP256)));
  EXPECT_TRUE(lint(Prepare(another, another, kP256)));
  const ToBeSigned good = Prepare(one, one, kP256);
  const std::string& octets = good.octets();
  EXPECT_TRUE(known.cms_attributes.Is(octets.substr(0, octets.size() - 32)));
  std::string other_digest = octets;
  other_digest.back() ^= 1;
  std::string other_type = octets;
  other_type[8] ^= 1;
  for (const std::string& attributes :
       {other_digest, other_type, octets + "x", octets.substr(1),
        octets.substr(0, octets.size() - 1),
        octets.substr(0, octets.size() - 32), octets.substr(0, 31),
        std::string()}) {
    EXPECT_FALSE(lint(ToBeSigned::Voucher(masa::v1::FORMAT_CMS_JSON, attributes,
                                          good.content(), one)));
  }
  EXPECT_TRUE(lint(good));
}

// What a key for histories signs is a root that says what was asked for, and
// nothing that passes for something else.
TEST(LintOwnershipRoot, HoldsTheRootAgainstWhatIsExpected) {
  const wire::OwnershipRoot root = {"acme", std::string(16, 'b'), 3,
                                    std::string(32, 'r')};
  const std::string octets = wire::EncodeOwnershipRoot(root);
  EXPECT_TRUE(LintOwnershipRoot(ToBeSigned::OwnershipRoot(octets, root)).ok());
  wire::OwnershipRoot other[] = {root, root, root, root};
  other[0].tenant_id = "bolt";
  other[1].batch_id[0] = 'x';
  other[2].size = 4;
  other[3].root[31] = 'x';
  for (const wire::OwnershipRoot& expected : other) {
    EXPECT_EQ(ReasonOf(LintOwnershipRoot(
                  ToBeSigned::OwnershipRoot(octets, expected))),
              Reason::kKeyNotForThis);
  }
  EXPECT_EQ(ReasonOf(LintOwnershipRoot(
                ToBeSigned::OwnershipRoot(octets + "x", root))),
            Reason::kKeyNotForThis);
}

TEST(LintOwnershipRoot, AKeySignsItsOwnKindsAlone) {
  const wire::OwnershipRoot root = {"acme", std::string(16, 'b'), 3,
                                    std::string(32, 'r')};
  const auto sign = [&](Kind kind) {
    LocalKeySource source = SourceOf(Make(KeyKind::kP256));
    source.key.kinds = {kind};
    std::vector<ToBeSigned> items;
    items.push_back(
        ToBeSigned::OwnershipRoot(wire::EncodeOwnershipRoot(root), root));
    return (*LocalSigner::New({source}))->Sign({}, "k", items).front();
  };
  EXPECT_TRUE(sign(Kind::kOwnershipRoot).ok());
  EXPECT_EQ(ReasonOf(sign(Kind::kVoucherCms).status()), Reason::kKeyNotForThis);
}

TEST(LintCheckpoint, TakesWhatTheCallerMeansAndNothingElse) {
  const wire::Checkpoint checkpoint = {"masa.example/audit/acme", 7,
                                       std::string(32, 'r')};
  const std::string text = wire::EncodeCheckpoint(checkpoint);
  EXPECT_TRUE(LintCheckpoint(ToBeSigned::Checkpoint(text, checkpoint)).ok());
  wire::Checkpoint other[] = {checkpoint, checkpoint, checkpoint};
  other[0].origin = "masa.example/audit/bolt";
  other[1].size = 8;
  other[2].root[31] = 'x';
  for (const wire::Checkpoint& expected : other) {
    EXPECT_EQ(ReasonOf(LintCheckpoint(ToBeSigned::Checkpoint(text, expected))),
              Reason::kKeyNotForThis);
  }
  EXPECT_EQ(
      ReasonOf(LintCheckpoint(ToBeSigned::Checkpoint(text + "x", checkpoint))),
      Reason::kKeyNotForThis);
}

TEST(LintManifest, TakesWhatTheCallerMeansAndNothingElse) {
  const wire::EscrowManifest manifest = {
      "acme",     "org",     std::string(16, 'j'), absl::FromUnixSeconds(7),
      3,          1,         std::string(32, 'd'), {"root"},
      {"signer"}, {"owner"}, {"log+00+AA"}};
  const std::string text = wire::EncodeEscrowManifest(manifest);
  EXPECT_TRUE(LintManifest(ToBeSigned::Manifest(text, manifest)).ok());
  wire::EscrowManifest other[] = {manifest, manifest, manifest, manifest};
  other[0].organization_id = "another";
  other[1].devices_sha256[31] = 'x';
  other[2].voucher_anchors.push_back("more");
  other[3].issued = 4;
  for (const wire::EscrowManifest& expected : other) {
    EXPECT_EQ(ReasonOf(LintManifest(ToBeSigned::Manifest(text, expected))),
              Reason::kKeyNotForThis);
  }
  EXPECT_EQ(ReasonOf(LintManifest(ToBeSigned::Manifest(text + "x", manifest))),
            Reason::kKeyNotForThis);
}

TEST(LintCheckpoint, AVouchersKeySignsNone) {
  const wire::Checkpoint checkpoint = {"o", 7, std::string(32, 'r')};
  const auto sign = [&](Kind kind) {
    LocalKeySource source = SourceOf(Make(KeyKind::kEd25519));
    source.key.kinds = {kind};
    std::vector<ToBeSigned> items;
    items.push_back(
        ToBeSigned::Checkpoint(wire::EncodeCheckpoint(checkpoint), checkpoint));
    return (*LocalSigner::New({source}))->Sign({}, "k", items).front();
  };
  EXPECT_TRUE(sign(Kind::kCheckpoint).ok());
  EXPECT_EQ(ReasonOf(sign(Kind::kVoucherCms).status()), Reason::kKeyNotForThis);
  EXPECT_EQ(ReasonOf(sign(Kind::kOwnershipRoot).status()),
            Reason::kKeyNotForThis);
}

}  // namespace
}  // namespace masa::signing
