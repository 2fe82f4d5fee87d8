// The artifacts as CMS: what comes in from every kind of encoder, and what
// goes out.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "openssl/bytestring.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

constexpr char kAnimaOid[] =
    "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01(";
constexpr char kDataOid[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";

size_t Count(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

// The parts of a SignedData between its digests and its signers, and the
// signers.
struct Halves {
  std::string head;  // version, digests, content, certificates
  std::string signers;
};

std::string Text(const CBS& cbs) {
  return std::string(reinterpret_cast<const char*>(CBS_data(&cbs)),
                     CBS_len(&cbs));
}

Halves Split(const std::string& cms) {
  constexpr unsigned kExplicit0 =
      CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;
  CBS input, info, wrapped, data, element, signers;
  CBS_init(&input, reinterpret_cast<const uint8_t*>(cms.data()), cms.size());
  EXPECT_TRUE(CBS_get_asn1(&input, &info, CBS_ASN1_SEQUENCE) &&
              CBS_get_asn1(&info, nullptr, CBS_ASN1_OBJECT) &&
              CBS_get_asn1(&info, &wrapped, kExplicit0) &&
              CBS_get_asn1(&wrapped, &data, CBS_ASN1_SEQUENCE));
  Halves halves;
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(CBS_get_any_asn1_element(&data, &element, nullptr, nullptr));
    halves.head += Text(element);
  }
  EXPECT_TRUE(CBS_get_asn1(&data, &signers, CBS_ASN1_SET));
  halves.signers = Text(signers);
  return halves;
}

void AddOctets(CBB* out, unsigned tag, const std::string& octets) {
  CBB child;
  EXPECT_TRUE(CBB_add_asn1(out, &child, tag) &&
              CBB_add_bytes(&child,
                            reinterpret_cast<const uint8_t*>(octets.data()),
                            octets.size()) &&
              CBB_flush(out));
}

std::string Wrapped(unsigned tag, const std::string& octets) {
  bssl::ScopedCBB cbb;
  EXPECT_TRUE(CBB_init(cbb.get(), 256));
  AddOctets(cbb.get(), tag, octets);
  return std::string(reinterpret_cast<const char*>(CBB_data(cbb.get())),
                     CBB_len(cbb.get()));
}

// One artifact with the signers of both, which sign the same content and
// enclose the same certificates.
std::string SignedByBoth(const std::string& first, const std::string& second) {
  const Halves one = Split(first), two = Split(second);
  EXPECT_EQ(one.head, two.head);
  constexpr unsigned kExplicit0 =
      CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;
  const std::string data =
      Wrapped(CBS_ASN1_SEQUENCE,
              one.head + Wrapped(CBS_ASN1_SET, one.signers + two.signers));
  return Wrapped(
      CBS_ASN1_SEQUENCE,
      std::string("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11) +
          Wrapped(kExplicit0, data));
}

// CM-03, CM-13, AMB-06: id-data and version 1, in both requests.
TEST_F(Desk, RequestsOfTypeIdDataAreServed) {
  CmsOptions options;
  options.id_data = true;
  RequestLeaves leaves = RegistrarLeaves(kSerial);
  leaves.prior_signed_voucher_request = testing::SignCms(
      testing::RequestJson(PledgeLeaves(kSerial)), Pledge(kSerial), options);
  options.certificates_der = {registrar_.CertificateDer(),
                              domain_ca_.CertificateDer()};
  const std::string body =
      testing::SignCms(testing::RequestJson(leaves), registrar_, options);
  const auto answer = registrar_desk_->RequestVoucher(Call(body));
  ASSERT_TRUE(answer.ok()) << answer.status();
  // The request's type is not the answer's.
  EXPECT_EQ(Count(answer->body, kAnimaOid), 2u);
}

// CM-02, CM-04, AMB-06: id-ct-animaJSONVoucher, or id-data where the product's
// pledges were built on the RFC's examples; in content and attribute.
TEST_F(Desk, TheProductChoosesTheContentType) {
  for (const bool id_data : {false, true}) {
    ChangeProduct([&](auto* p) { p->set_cms_id_data(id_data); });
    RequestLeaves leaves = RegistrarLeaves(kSerial);
    leaves.created_on = At(clock_.Now());
    const auto answer = registrar_desk_->RequestVoucher(
        Call(Signed(leaves, registrar_, domain_ca_)));
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(Count(answer->body, kAnimaOid), id_data ? 0u : 2u);
    EXPECT_EQ(Count(answer->body, kDataOid), id_data ? 2u : 0u);
    EXPECT_TRUE(wire::ParseCms(answer->body).ok());
  }
}

// CM-08, CM-09, CM-11, VL-04: one signer, its chain with the root, the time of
// signing, and nothing of what the pledge signed.
TEST_F(Desk, TheVoucherIsSignedOnceWithItsWholeChain) {
  const auto answer = registrar_desk_->RequestVoucher(Call(Request(kSerial)));
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto artifact = wire::ParseCms(answer->body);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  ASSERT_EQ(artifact->signers.size(), 1u);
  EXPECT_EQ(artifact->certificates.size(), 2u);
  EXPECT_EQ(Count(answer->body, voucher_root_.CertificateDer()), 1u);
  EXPECT_NE(artifact->signers[0].signed_octets.find(absl::StrCat(
                "\x17\x0d", absl::FormatTime("%y%m%d%H%M%SZ", Noon(),
                                             absl::UTCTimeZone()))),
            std::string::npos);
  EXPECT_EQ(artifact->payload.find("prior-signed"), std::string::npos);
  EXPECT_EQ(artifact->payload.find("proximity-registrar"), std::string::npos);
}

// VI-14, OP-10, VI-19, OP-06: each class of voucher has the key and the
// algorithm that its product names.
TEST_F(Desk, TheProductChoosesTheSigningKey) {
  ChangeProduct([](auto* p) {
    p->set_ownership(masa::v1::OWNERSHIP_RULE_REQUIRED);
    p->set_nonceless(masa::v1::NONCELESS_RULE_OWNER);
    p->set_nonceless_signing_key("key-p384");
  });
  ASSERT_TRUE(
      store_.Assign({}, "test", Noon(), {{"acme", kSerial, {}}}, "org-acme")[0]
          .ok());
  const struct {
    const char* serial;
    bool nonced;
    SignatureAlgorithm algorithm;
  } cases[] = {
      {kSerial, true, SignatureAlgorithm::kEcdsaSha256},
      {kSerial, false, SignatureAlgorithm::kEcdsaSha384},
      {"OWNED-1", true, SignatureAlgorithm::kEcdsaSha256},
      {"OWNED-1", false, SignatureAlgorithm::kEcdsaSha256},
  };
  for (const auto& c : cases) {
    RequestLeaves leaves = RegistrarLeaves(c.serial);
    if (!c.nonced) {
      leaves.nonce.reset();
    }
    const auto answer = registrar_desk_->RequestVoucher(
        Call(Signed(leaves, registrar_, domain_ca_)));
    ASSERT_TRUE(answer.ok()) << answer.status();
    const auto artifact = wire::ParseCms(answer->body);
    const wire::SignerInfo& signer = artifact->signers[0];
    EXPECT_EQ(signer.algorithm, c.algorithm) << c.serial << c.nonced;
    EXPECT_TRUE(verifier_
                    .VerifySignature(
                        signer.algorithm,
                        artifact->certificates[signer.certificate]->spki_der,
                        signer.signed_octets, signer.signature)
                    .ok());
  }
}

// CM-11: of two signers the one with cmcRA is judged, wherever it stands; its
// signature must hold.
TEST_F(Desk, OfTwoSignersTheRegistrationAuthorityCounts) {
  const std::string json = testing::RequestJson(RegistrarLeaves(kSerial));
  const Identity clerk = RegistrarOf(domain_ca_, false);
  CmsOptions options;
  options.certificates_der = {clerk.CertificateDer(),
                              registrar_.CertificateDer(),
                              domain_ca_.CertificateDer()};
  const std::string by_clerk = testing::SignCms(json, clerk, options);
  const std::string by_registrar = testing::SignCms(json, registrar_, options);
  options.break_signature = true;
  const std::string broken = testing::SignCms(json, registrar_, options);
  EXPECT_TRUE(Ask(SignedByBoth(by_clerk, by_registrar)).ok());
  EXPECT_TRUE(Ask(SignedByBoth(by_registrar, by_clerk)).ok());
  EXPECT_EQ(Refusal(SignedByBoth(by_clerk, by_clerk)),
            Reason::kRegistrarNotAuthorized);
  EXPECT_EQ(Refusal(SignedByBoth(by_clerk, broken)),
            Reason::kRegistrarNotAuthorized);
  EXPECT_EQ(Refusal(broken), Reason::kSignatureInvalid);
}

// CM-16: line ends and blanks are signed as they are.
TEST_F(Desk, ContentIsNeverRewritten) {
  const std::string json = testing::RequestJson(RegistrarLeaves(kSerial));
  for (const char* comma : {",\r\n  ", ",\n", ", \t"}) {
    CmsOptions options;
    options.certificates_der = {registrar_.CertificateDer(),
                                domain_ca_.CertificateDer()};
    const std::string folded = absl::StrReplaceAll(json, {{",", comma}});
    const std::string body = testing::SignCms(folded, registrar_, options);
    EXPECT_EQ(wire::ParseCms(body)->payload, folded);
    EXPECT_TRUE(Ask(body).ok());
  }
}

// RV-29, VI-12: the voucher after the end of the first differs in its dates,
// and is an event of its own.
TEST_F(Desk, ARenewedVoucherDiffersInItsDates) {
  RequestLeaves leaves = RegistrarLeaves("OWNED-1");
  leaves.nonce.reset();
  const std::string body = Signed(leaves, registrar_, domain_ca_);
  const auto first = Ask(body);
  clock_.Advance(absl::Minutes(21));
  const auto second = Ask(body);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(second->created_on - first->created_on, absl::Minutes(21));
  EXPECT_EQ(*second->expires_on - *first->expires_on, absl::Minutes(21));
  EXPECT_EQ(second->pinned_domain_cert_der, first->pinned_domain_cert_der);
  EXPECT_EQ(second->assertion, first->assertion);
  EXPECT_EQ(second->serial_number, first->serial_number);
  EXPECT_EQ(EventsOf("OWNED-1"), 2u);
}

}  // namespace
}  // namespace masa::issuance
