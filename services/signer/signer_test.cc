// The signer over a real socket: what RemoteSigner sends is what the signer
// behind the face gets, and back.
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/signer/signing_face.h"
#include "services/signing/remote/crc32c.h"
#include "services/signing/remote/messages.h"
#include "services/signing/remote/remote_signer.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"

namespace masa::signer {
namespace {

using signing::ToBeSigned;

// "Signs" by saying what it was given.
class SayingSigner final : public signing::Signer {
 public:
  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const ToBeSigned> items) override {
    std::vector<absl::StatusOr<std::string>> answers;
    for (const ToBeSigned& item : items) {
      if (item.content() == "bad") {
        answers.push_back(Refuse(Reason::kKeyNotForThis, "the lint refuses"));
        continue;
      }
      if (item.content() == "broken") {
        answers.push_back(absl::InternalError("the token is gone"));
        continue;
      }
      const wire::Voucher& v = item.expected();
      answers.push_back(key + "|" + item.octets() + "|" + item.content() + "|" +
                        v.serial_number + "|" + v.nonce.value_or("none") + "|" +
                        std::to_string(absl::ToUnixSeconds(v.created_on)) +
                        "|" + (v.expires_on ? "expires" : "stays") + "|" +
                        v.pinned_domain_cert_der + "|" +
                        v.idevid_issuer.value_or("none"));
    }
    return answers;
  }
  absl::StatusOr<signing::KeyDescription> Describe(
      const RequestContext& context, const std::string& key) override {
    if (key != "k") {
      return Refuse(Reason::kKeyUnknown, "there is no such key");
    }
    return signing::KeyDescription{"k",
                                   SignatureAlgorithm::kEcdsaP384Sha384,
                                   {"leaf", "root"},
                                   {signing::Kind::kVoucherCms}};
  }
};

testing::Identity Certificate(const testing::Identity* ca) {
  testing::CertificateSpec spec;
  spec.common_name = "x";
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  spec.is_ca = ca == nullptr;
  if (ca != nullptr) {
    spec.subject_alternative_names = {"URI:urn:authority", "IP:127.0.0.1"};
  }
  return testing::MakeIdentity(spec, ca);
}

class Remote : public ::testing::Test {
 protected:
  Remote() {
    gate_ = std::make_unique<rpc::Gate>(*rpc::Gate::Create(
        {masa::v1::SigningService::service_full_name()},
        {{masa::v1::SigningService::service_full_name(), {"*"}}},
        [](const auto&) -> absl::StatusOr<identity::Principal> {
          return identity::Principal{identity::Role::kAuthority, "a", "", ""};
        },
        rpc::Gate::AuthenticateToken(), rpc::Gate::CameByCookie(),
        [this](const FailedCall& call) {
          absl::MutexLock lock(&mutex_);
          told_.push_back(call);
        }));
    face_ =
        std::make_unique<SigningFace>(behind_, rpc::Serving{*gate_, executor_});
    const auto own = Certificate(&ca_);
    server_ = *rpc::Server::New({"127.0.0.1:0", own.CertificatePem(),
                                 own.KeyPem(), ca_.CertificatePem(), false},
                                {face_.get()});
    signer_ = std::make_unique<signing::RemoteSigner>(rpc::MakeChannel(
        {"127.0.0.1:" + std::to_string(server_->port()), "",
         ca_.CertificatePem(), own.CertificatePem(), own.KeyPem()}));
  }

  RequestContext Context() {
    return {"id", "", absl::Now() + absl::Seconds(20)};
  }

  absl::Mutex mutex_;
  std::vector<FailedCall> told_ ABSL_GUARDED_BY(mutex_);
  testing::Identity ca_ = Certificate(nullptr);
  SayingSigner behind_;
  Executor executor_{{"test", 2, 16}};
  std::unique_ptr<rpc::Gate> gate_;
  std::unique_ptr<SigningFace> face_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<signing::RemoteSigner> signer_;
};

std::vector<ToBeSigned> TwoItems() {
  wire::Voucher voucher;
  voucher.serial_number = "S";
  voucher.nonce = "n";
  voucher.created_on = absl::FromUnixSeconds(7);
  voucher.pinned_domain_cert_der = "pin";
  std::vector<ToBeSigned> items;
  items.push_back(ToBeSigned::Voucher(masa::v1::FORMAT_CMS_JSON, "octets",
                                      "content", voucher));
  items.push_back(
      ToBeSigned::Voucher(masa::v1::FORMAT_CMS_JSON, "octets", "bad", voucher));
  return items;
}

TEST_F(Remote, ItemsArriveWholeAndFailAlone) {
  const auto signatures = signer_->Sign(Context(), "k", TwoItems());
  ASSERT_EQ(signatures.size(), 2u);
  ASSERT_TRUE(signatures[0].ok()) << signatures[0].status();
  EXPECT_EQ(*signatures[0], "k|octets|content|S|n|7|stays|pin|none");
  EXPECT_EQ(signatures[1].status(),
            Refuse(Reason::kKeyNotForThis, "the lint refuses"));
}

// The authority hears no more of it than that it failed, and so its log has no
// more either.
TEST_F(Remote, AnItemThatFailsByTheSignersFaultIsToldThere) {
  wire::Voucher voucher;
  std::vector<ToBeSigned> items;
  for (const char* content : {"bad", "broken"}) {
    items.push_back(ToBeSigned::Voucher(masa::v1::FORMAT_CMS_JSON, "octets",
                                        content, voucher));
  }
  const auto signatures = signer_->Sign(Context(), "k", items);
  ASSERT_EQ(signatures.size(), 2u);
  EXPECT_EQ(ReasonOf(signatures[1].status()), Reason::kInternal);
  EXPECT_EQ(signatures[1].status().message().find("token"), std::string::npos);
  absl::MutexLock lock(&mutex_);
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].request_id, "id");
  EXPECT_EQ(told_[0].status.message(), "the token is gone");
}

TEST_F(Remote, DescribesAKeyOrSaysThereIsNone) {
  const auto key = signer_->Describe(Context(), "k");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->algorithm, SignatureAlgorithm::kEcdsaP384Sha384);
  EXPECT_EQ(key->chain_der, (std::vector<std::string>{"leaf", "root"}));
  EXPECT_EQ(ReasonOf(signer_->Describe(Context(), "x").status()),
            Reason::kKeyUnknown);
}

TEST_F(Remote, SignerThatIsGoneIsUnavailable) {
  server_->Drain(absl::ZeroDuration());
  const auto signatures = signer_->Sign(Context(), "k", TwoItems());
  ASSERT_EQ(signatures.size(), 2u);
  EXPECT_EQ(ReasonOf(signatures[0].status()), Reason::kSignerUnavailable);
  EXPECT_EQ(ReasonOf(signer_->Describe(Context(), "k").status()),
            Reason::kSignerUnavailable);
}

TEST(Messages, DamagedOrUnknownItemsAreRefused) {
  auto message = signing::MessageOf(TwoItems()[0]);
  EXPECT_TRUE(signing::ItemOf(message).ok());
  message.set_content("other");
  EXPECT_EQ(ReasonOf(signing::ItemOf(message).status()),
            Reason::kInvalidArgument);
  message = signing::MessageOf(TwoItems()[0]);
  message.set_kind(masa::v1::KIND_UNSPECIFIED);
  EXPECT_EQ(ReasonOf(signing::ItemOf(message).status()),
            Reason::kInvalidArgument);
}

// RFC 3720 appendix B.4: 32 octets of zeroes.
// Each pin and each algorithm arrives as itself.
TEST(Messages, PinsAndAlgorithmsGoThereAndBack) {
  for (const auto field : {&wire::Voucher::pinned_domain_cert_der,
                           &wire::Voucher::pinned_domain_pubk_der,
                           &wire::Voucher::pinned_domain_pubk_sha256}) {
    wire::Voucher voucher;
    voucher.serial_number = "S";
    voucher.*field = "pin";
    voucher.est_domain = "https://a";
    voucher.additional_configuration_url = "https://b";
    const auto back = signing::ItemOf(signing::MessageOf(ToBeSigned::Voucher(
        masa::v1::FORMAT_COSE_CBOR, "octets", "content", voucher)));
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->kind(), signing::Kind::kVoucherCose);
    EXPECT_EQ(back->expected().*field, "pin");
    EXPECT_EQ(back->expected().est_domain, "https://a");
    EXPECT_EQ(back->expected().additional_configuration_url, "https://b");
    EXPECT_EQ(back->expected().pinned_domain_cert_der.size() +
                  back->expected().pinned_domain_pubk_der.size() +
                  back->expected().pinned_domain_pubk_sha256.size(),
              3u);
  }
  for (const auto algorithm :
       {SignatureAlgorithm::kEcdsaP256Sha256,
        SignatureAlgorithm::kEcdsaP384Sha384,
        SignatureAlgorithm::kRsaPkcs1Sha256, SignatureAlgorithm::kEd25519}) {
    signing::KeyDescription key;
    key.name = "k";
    key.algorithm = algorithm;
    const auto back = signing::DescriptionOf(signing::MessageOf(key));
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->algorithm, algorithm);
  }
}

TEST(Crc32c, HasTheValueOfTheStandard) {
  EXPECT_EQ(signing::Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(signing::Crc32c("ab", "c"), signing::Crc32c("abc"));
}

}  // namespace
}  // namespace masa::signer
