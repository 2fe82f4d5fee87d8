// libFuzzer target for whole enrolments over EST: octets in, certificate or
// refusal out, with the store in memory and real signatures. The octets are a
// body, or patches to the request in one that is right. What must hold: who
// gets a certificate gets one of the CA for a device of the profile, and every
// refusal has a reason of the list.
#include <cstddef>
#include <cstdint>
#include <string>

#include "services/issuance/fuzz/patched.h"
#include "services/issuance/test_enrollment.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

class WholeEnrollment final : public Enrolling {
 public:
  WholeEnrollment() {
    masa::v1::Catalog catalog = Catalog();
    catalog.mutable_tenants(0)
        ->mutable_enrollment_profiles(0)
        ->set_server_keygen(true);
    Require(store_.Apply({}, "fuzz", Noon(), catalog).ok());
    Require(absl::Base64Unescape(CallFor("S-1").body, &good_));
  }

  void TestBody() override {}

  // The first octet says what it is, the others what is in it.
  void Run(const uint8_t* data, size_t size) {
    if (size == 0) {
      return;
    }
    EstCall call = CallFor("S-1", key_);
    call.operation = (data[0] & 1) != 0 ? EstOperation::kServerKeygen
                                        : EstOperation::kSimpleEnroll;
    call.body =
        (data[0] & 0x80) != 0
            ? std::string(reinterpret_cast<const char*>(data + 1), size - 1)
            : absl::Base64Escape(Patched(good_, data + 1, size - 1));
    const auto answer = desk_.AskOne(call);
    if (!answer.ok()) {
      return Require(ReasonOf(answer.status()) != Reason::kInternal);
    }
    const auto certificate =
        wire::Certificate::Parse(answer->certificates_der.front());
    Require(certificate.ok() && !(*certificate)->is_ca);
    Require((*certificate)->subject_serial_number.has_value());
    Require(verifier_
                .VerifyChain({answer->certificates_der.front(),
                              {},
                              {ca_.CertificateDer()},
                              Noon()})
                .ok());
  }

 private:
  const testing::Identity key_ = Make("device", false);
  std::string good_;
};

}  // namespace
}  // namespace masa::issuance

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Anew now and then: what was issued stays on record.
  constexpr int kRounds = 10'000;
  static int round = 0;
  static masa::issuance::WholeEnrollment* desk = nullptr;
  if (round++ % kRounds == 0) {
    delete desk;
    desk = new masa::issuance::WholeEnrollment();
  }
  desk->Run(data, size);
  return 0;
}
