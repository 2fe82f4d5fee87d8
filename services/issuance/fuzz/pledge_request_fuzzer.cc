// libFuzzer target for what devices send to the cloud registrar: requests for
// vouchers and telemetry, whole, with the store in memory and real signatures.
// The octets are a body, or patches to one that is right. What must hold: a
// device is sent to where its owner recorded, or gets a voucher that names it,
// and every refusal has a reason of the list.
#include <cstddef>
#include <cstdint>
#include <string>

#include "services/issuance/fuzz/patched.h"
#include "services/issuance/test_pledge_desk.h"
#include "services/wire/pledge_artifact.h"

namespace masa::issuance {
namespace {

class WholePledge final : public PledgeDeskTest {
 public:
  WholePledge() {
    RecordEst();
    for (const auto container :
         {Container::kCms, Container::kJws, Container::kCose}) {
      container_ = container;
      good_.push_back(PledgeSigned(CloudLeaves(), owned_));
    }
    good_.push_back(R"({"version":1,"status":false,"reason":"none",)"
                    R"("reason-context":{"a":[1]}})");
  }

  void TestBody() override {}

  void Run(const uint8_t* data, size_t size) {
    if (size == 0) {
      return;
    }
    const size_t which = data[0] % good_.size();
    const bool is_telemetry = which == good_.size() - 1;
    container_ = static_cast<Container>(is_telemetry ? 1 : which + 1);
    PledgeCall call = From(
        owned_,
        (data[0] & 0x80) != 0
            ? std::string(reinterpret_cast<const char*>(data + 1), size - 1)
            : Patched(good_[which], data + 1, size - 1));
    if (is_telemetry) {
      call.operation = (data[0] & 0x40) != 0 ? PledgeOperation::kVoucherStatus
                                             : PledgeOperation::kEnrollStatus;
      call.content_type = "application/json";
    }
    const auto answer = desk_.AskOne(call);
    if (!answer.ok()) {
      return Require(ReasonOf(answer.status()) != Reason::kInternal);
    }
    if (!is_telemetry) {
      // The numbers agree.
      const auto voucher = wire::ReadVoucher(
          static_cast<masa::v1::Format>(which + 1), answer->body);
      Require(voucher.ok() && voucher->serial_number == "OWNED-1");
      Require(answer->location.empty());
    }
  }

 private:
  std::vector<std::string> good_;
};

}  // namespace
}  // namespace masa::issuance

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto& desk = *new masa::issuance::WholePledge();
  desk.Run(data, size);
  return 0;
}
