#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "openssl/sha.h"
#include "services/signing/batch_digest.h"
#include "services/signing/lint.h"
#include "services/signing/local_signer.h"
#include "services/signing/synchronised_signer.h"
#include "services/status/reason.h"
#include "services/testing/requests.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"
#include "services/wire/certificate.h"
#include "services/wire/cms.h"
#include "services/wire/voucher_request.h"
#include "services/wire/voucher_template.h"

namespace masa::signing {
namespace {

using testing::Identity;
using testing::KeyKind;

absl::Time Now() {
  return absl::FromCivil(absl::CivilSecond(2026, 11, 24, 3, 0, 0),
                         absl::UTCTimeZone());
}

Identity Make(KeyKind key) {
  testing::CertificateSpec spec;
  spec.common_name = "masa";
  spec.not_before = Now() - absl::Hours(1);
  spec.not_after = Now() + absl::Hours(1);
  spec.key = key;
  return testing::MakeIdentity(spec);
}

wire::Voucher NoncedVoucher() {
  wire::Voucher voucher;
  voucher.assertion = masa::v1::ASSERTION_LOGGED;
  voucher.created_on = Now();
  voucher.serial_number = "DEMO-0001";
  voucher.nonce = testing::Base64("0123456789abcdef");
  voucher.idevid_issuer = wire::AuthorityKeyIdExtension(std::string(20, 'k'));
  voucher.pinned_domain_cert_der = "a certificate";
  return voucher;
}

std::string JsonOf(const wire::Voucher& voucher) {
  return wire::EncodeVoucherJson(
      voucher, testing::Base64(voucher.pinned_domain_cert_der));
}

wire::CmsTemplate TemplateFor(SignatureAlgorithm algorithm) {
  auto made = wire::CmsTemplate::Create({Make(KeyKind::kP256).CertificateDer()},
                                        algorithm, false);
  EXPECT_TRUE(made.ok()) << made.status();
  return *std::move(made);
}

ToBeSigned Prepare(const wire::Voucher& written, const wire::Voucher& expected,
                   SignatureAlgorithm algorithm) {
  const std::string content = JsonOf(written);
  return ToBeSigned::Voucher(
      masa::v1::FORMAT_CMS_JSON,
      TemplateFor(algorithm).EncodeSignedAttributes(content, Now()), content,
      expected);
}

Reason LintReason(const ToBeSigned& item) {
  const absl::Status status =
      LintVoucher(item, SignatureAlgorithm::kEcdsaP256Sha256);
  return status.ok() ? Reason::kInternal : ReasonOf(status);
}

constexpr auto kP256 = SignatureAlgorithm::kEcdsaP256Sha256;

LocalKeySource SourceOf(const Identity& identity) {
  return {"k",
          identity.KeyPem(),
          "",
          identity.CertificatePem(),
          {Kind::kVoucherCms},
          false};
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
  wire::KnownHeaders headers;
  const wire::KnownHeader& known = headers.jws;
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
  EXPECT_FALSE(wire::KnownHeader().Is(""));
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
  wire::KnownHeaders headers;
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
  EXPECT_TRUE(headers.cose.Is(own.substr(1)));
  EXPECT_TRUE(lint(masa::v1::FORMAT_COSE_CBOR, cose_octets, cbor));
  EXPECT_FALSE(lint(masa::v1::FORMAT_COSE_CBOR, cose_octets + "x", cbor));
  EXPECT_FALSE(lint(masa::v1::FORMAT_COSE_CBOR, foreign, cbor));
}

TEST(BatchDigest, IsTheDigestWhateverMessagesShare) {
  const std::string header(200, 'h');
  const std::string messages[] = {"",
                                  header,
                                  header + "one",
                                  header + "another",
                                  header.substr(1),
                                  header.substr(0, 127) + "x" + header};
  for (const std::string& one : messages) {
    for (const std::string& another : messages) {
      const BatchDigest digest(one, another);
      for (const std::string& message : messages) {
        Sha256Digest whole;
        SHA256(reinterpret_cast<const uint8_t*>(message.data()), message.size(),
               whole.data());
        EXPECT_EQ(digest.Of(message), whole);
      }
    }
  }
}

// A batch goes to BatchEcdsa as a whole: what is refused among it leaves no gap
// and takes no other's signature.
TEST(LocalSigner, SignsABatchEachItemWithItsOwnOutcome) {
  const Identity identity = Make(KeyKind::kP256);
  const auto signer = LocalSigner::New({SourceOf(identity)});
  ASSERT_TRUE(signer.ok()) << signer.status();
  const auto form =
      wire::CmsTemplate::Create({identity.CertificateDer()}, kP256, false);
  std::vector<ToBeSigned> items;
  for (int i = 0; i < 300; ++i) {
    wire::Voucher voucher = NoncedVoucher();
    voucher.serial_number = absl::StrCat("DEMO-", i);
    const std::string content = JsonOf(voucher);
    if (i % 7 == 0) {
      voucher.serial_number = "another";
    }
    items.push_back(ToBeSigned::Voucher(
        masa::v1::FORMAT_CMS_JSON, form->EncodeSignedAttributes(content, Now()),
        content, voucher));
  }
  const auto signatures = (*signer)->Sign({}, "k", items);
  ASSERT_EQ(signatures.size(), items.size());
  const auto certificate = wire::Certificate::Parse(identity.CertificateDer());
  for (size_t i = 0; i < items.size(); ++i) {
    if (i % 7 == 0) {
      EXPECT_EQ(ReasonOf(signatures[i].status()), Reason::kKeyNotForThis) << i;
      continue;
    }
    ASSERT_TRUE(signatures[i].ok()) << i << signatures[i].status();
    EXPECT_TRUE(verification::BoringVerifier()
                    .VerifySignature(kP256, (*certificate)->spki_der,
                                     items[i].octets(), *signatures[i])
                    .ok())
        << i;
  }
  EXPECT_TRUE((*signer)->Sign({}, "k", {}).empty());
}

// OP-21, CO-02: every algorithm in every format: signed, read back by the
// parser, verified.
TEST(LocalSigner, SignsWithEveryAlgorithmInEveryFormat) {
  const struct {
    KeyKind key;
    SignatureAlgorithm algorithm;
  } cases[] = {{KeyKind::kP256, kP256},
               {KeyKind::kP384, SignatureAlgorithm::kEcdsaP384Sha384},
               {KeyKind::kRsa2048, SignatureAlgorithm::kRsaPkcs1Sha256},
               {KeyKind::kEd25519, SignatureAlgorithm::kEd25519}};
  const wire::Voucher voucher = NoncedVoucher();
  for (const auto& c : cases) {
    const Identity identity = Make(c.key);
    LocalKeySource source = SourceOf(identity);
    source.kinds = {Kind::kVoucherCms, Kind::kVoucherJws, Kind::kVoucherCose};
    const auto signer = LocalSigner::New({source});
    ASSERT_TRUE(signer.ok()) << signer.status();
    EXPECT_EQ((*signer)->Describe({}, "k")->algorithm, c.algorithm);
    for (const auto format :
         {masa::v1::FORMAT_CMS_JSON, masa::v1::FORMAT_JWS_JSON,
          masa::v1::FORMAT_COSE_CBOR}) {
      const auto form = wire::VoucherTemplate::Create(
          format, {identity.CertificateDer()}, c.algorithm, {});
      ASSERT_TRUE(form.ok()) << form.status();
      const std::string content = form->EncodeContent(
          voucher, testing::Base64(voucher.pinned_domain_cert_der));
      std::vector<ToBeSigned> items;
      items.push_back(ToBeSigned::Voucher(
          format, form->EncodeToBeSigned(content, Now()), content, voucher));
      const auto signatures = (*signer)->Sign({}, "k", items);
      ASSERT_TRUE(signatures[0].ok()) << signatures[0].status();
      const auto artifact =
          form->Finish(content, items[0].octets(), *signatures[0]);
      ASSERT_TRUE(artifact.ok()) << artifact.status();
      const auto read = wire::ParseVoucherRequest(format, *artifact);
      ASSERT_TRUE(read.ok()) << read.status();
      const wire::SignerInfo& info = read->artifact.signers.front();
      EXPECT_TRUE(
          verification::BoringVerifier()
              .VerifySignature(
                  info.algorithm,
                  read->artifact.certificates[info.certificate]->spki_der,
                  info.signed_octets, info.signature)
              .ok())
          << format << static_cast<int>(c.key);
    }
  }
}

class SwitchedClock final : public ClockHealth {
 public:
  bool IsSynchronised() const override { return synchronised; }
  bool synchronised = false;
};

// OP-19: nothing is signed by a clock that may be wrong.
TEST(SynchronisedSigner, SignsByAGoodClockAlone) {
  const auto local = LocalSigner::New({SourceOf(Make(KeyKind::kP256))});
  ASSERT_TRUE(local.ok()) << local.status();
  SwitchedClock clock;
  SynchronisedSigner signer(**local, clock);
  EXPECT_TRUE(signer.Describe({}, "k").ok());
  std::vector<ToBeSigned> items;
  items.push_back(Prepare(NoncedVoucher(), NoncedVoucher(), kP256));
  EXPECT_EQ(ReasonOf(signer.Sign({}, "k", items)[0].status()),
            Reason::kSignerUnavailable);
  clock.synchronised = true;
  EXPECT_TRUE(signer.Sign({}, "k", items)[0].ok());
}

// AMB-01: vouchers without nonce and end are for keys that are for them.
TEST(LocalSigner, AKeyForEndlessVouchersSaysSo) {
  wire::Voucher endless = NoncedVoucher();
  endless.nonce.reset();
  for (const bool allowed : {false, true}) {
    LocalKeySource source = SourceOf(Make(KeyKind::kP256));
    source.endless = allowed;
    const auto signer = LocalSigner::New({source});
    ASSERT_TRUE(signer.ok()) << signer.status();
    std::vector<ToBeSigned> items;
    items.push_back(Prepare(endless, endless, kP256));
    EXPECT_EQ((*signer)->Sign({}, "k", items)[0].ok(), allowed);
  }
}

TEST(LocalSigner, AnItemFailsAlone) {
  LocalKeySource other = SourceOf(Make(KeyKind::kP256));
  other.name = "other";
  other.kinds = {Kind::kTest};
  const auto signer = LocalSigner::New({SourceOf(Make(KeyKind::kP256)), other});
  ASSERT_TRUE(signer.ok()) << signer.status();
  wire::Voucher tampered = NoncedVoucher();
  tampered.serial_number = "DEMO-0002";
  std::vector<ToBeSigned> items;
  items.push_back(Prepare(tampered, NoncedVoucher(), kP256));
  items.push_back(Prepare(NoncedVoucher(), NoncedVoucher(), kP256));
  const auto signatures = (*signer)->Sign({}, "k", items);
  EXPECT_EQ(ReasonOf(signatures[0].status()), Reason::kKeyNotForThis);
  EXPECT_TRUE(signatures[1].ok());
  EXPECT_EQ(ReasonOf((*signer)->Sign({}, "other", items)[1].status()),
            Reason::kKeyNotForThis);
  EXPECT_EQ(ReasonOf((*signer)->Sign({}, "unknown", items)[1].status()),
            Reason::kKeyUnknown);
}

TEST(LocalSigner, RefusesFilesThatDoNotBelongTogether) {
  const LocalKeySource good = SourceOf(Make(KeyKind::kP256));
  LocalKeySource wrong_pair = good;
  wrong_pair.chain_pem = Make(KeyKind::kP256).CertificatePem();
  LocalKeySource no_key = good;
  no_key.private_key_pem = "garbage";
  LocalKeySource no_chain = good;
  no_chain.chain_pem.clear();
  const std::vector<LocalKeySource> cases[] = {
      {wrong_pair},
      {no_key},
      {no_chain},
      {good, good},
      {SourceOf(Make(KeyKind::kP521))}};
  for (const auto& sources : cases) {
    EXPECT_EQ(ReasonOf(LocalSigner::New(sources).status()),
              Reason::kMisconfigured);
  }
}

}  // namespace
}  // namespace masa::signing
