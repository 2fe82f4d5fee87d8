// What every Signer promises, wherever its keys are.
#ifndef SERVICES_SIGNING_TEST_SIGNER_CONTRACT_H_
#define SERVICES_SIGNING_TEST_SIGNER_CONTRACT_H_

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "services/signing/test_items.h"
#include "services/status/reason.h"
#include "services/verification/boring_verifier.h"
#include "services/wire/voucher_request.h"
#include "services/wire/voucher_template.h"

namespace masa::signing {

// Of key "k" with this identity, which is for the three: signed, read back by
// the parser, verified.
inline void ExpectSignsInEveryFormat(Signer& signer, const Identity& identity,
                                     SignatureAlgorithm algorithm) {
  const wire::Voucher voucher = NoncedVoucher();
  for (const auto format :
       {masa::v1::FORMAT_CMS_JSON, masa::v1::FORMAT_JWS_JSON,
        masa::v1::FORMAT_COSE_CBOR}) {
    SCOPED_TRACE(format);
    const auto form = wire::VoucherTemplate::Create(
        format, {identity.CertificateDer()}, algorithm, {});
    ASSERT_TRUE(form.ok()) << form.status();
    const std::string content = form->EncodeContent(
        voucher, testing::Base64(voucher.pinned_domain_cert_der));
    std::vector<ToBeSigned> items;
    items.push_back(ToBeSigned::Voucher(
        format, form->EncodeToBeSigned(content, Now()), content, voucher));
    const auto signatures = signer.Sign({}, "k", items);
    ASSERT_TRUE(signatures[0].ok()) << signatures[0].status();
    const auto artifact =
        form->Finish(content, items[0].octets(), *signatures[0]);
    ASSERT_TRUE(artifact.ok()) << artifact.status();
    const auto read = wire::ParseVoucherRequest(format, *artifact);
    ASSERT_TRUE(read.ok()) << read.status();
    const wire::SignerInfo& info = read->artifact.signers.front();
    EXPECT_TRUE(verification::BoringVerifier()
                    .VerifySignature(
                        info.algorithm,
                        read->artifact.certificates[info.certificate]->spki_der,
                        info.signed_octets, info.signature)
                    .ok());
  }
}

// Of key "k", which signs CMS vouchers with P-256, and key `other`, which does
// not.
inline void ExpectAnItemFailsAlone(Signer& signer, const std::string& other) {
  wire::Voucher tampered = NoncedVoucher();
  tampered.serial_number = "DEMO-0002";
  std::vector<ToBeSigned> items;
  items.push_back(Prepare(tampered, NoncedVoucher(), kP256));
  items.push_back(Prepare(NoncedVoucher(), NoncedVoucher(), kP256));
  const auto signatures = signer.Sign({}, "k", items);
  EXPECT_EQ(ReasonOf(signatures[0].status()), Reason::kKeyNotForThis);
  EXPECT_TRUE(signatures[1].ok()) << signatures[1].status();
  EXPECT_EQ(ReasonOf(signer.Sign({}, other, items)[1].status()),
            Reason::kKeyNotForThis);
  EXPECT_EQ(ReasonOf(signer.Sign({}, "unknown", items)[1].status()),
            Reason::kKeyUnknown);
  EXPECT_EQ(ReasonOf(signer.Describe({}, "unknown").status()),
            Reason::kKeyUnknown);
  EXPECT_TRUE(signer.Sign({}, "k", {}).empty());
}

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_TEST_SIGNER_CONTRACT_H_
