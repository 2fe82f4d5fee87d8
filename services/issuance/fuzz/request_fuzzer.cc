// libFuzzer target for whole requests: octets in, verdict out, with the store
// in memory and real signatures. The octets are a request, or patches to one
// that is right: then the rules behind the parsers are reached too. What must
// hold: every voucher opens, names the device and pins a key of the domain that
// signed, and every refusal has a reason of the list.
#include <cstddef>
#include <cstdint>
#include <string>

#include "services/issuance/fuzz/patched.h"
#include "services/issuance/test_desk.h"

namespace masa::issuance {
namespace {

class WholeRequest final : public Desk {
 public:
  WholeRequest() {
    for (const auto container :
         {Container::kCms, Container::kJws, Container::kCose}) {
      container_ = container;
      good_.push_back(Request(kSerial));
    }
  }

  void TestBody() override {}

  void Run(const uint8_t* data, size_t size) {
    if (size == 0) {
      return;
    }
    const size_t which = data[0] % good_.size();
    container_ = static_cast<Container>(which + 1);
    const bool raw = (data[0] & 0x80) != 0;
    Ask(raw ? std::string(reinterpret_cast<const char*>(data + 1), size - 1)
            : Patched(good_[which], data + 1, size - 1));
  }

 private:
  void Ask(const std::string& body) {
    const auto answer = registrar_desk_->RequestVoucher(Call(body));
    if (!answer.ok()) {
      Require(ReasonOf(answer.status()) != Reason::kInternal);
    } else {
      const auto voucher = Opened(answer->body);
      Require(voucher.ok() && voucher->serial_number == kSerial);
      // By key: no signature covers the certificates of CMS and COSE, and a
      // top is taken for what it is.
      const std::string pinned = SpkiOf(voucher->pinned_domain_cert_der);
      Require(pinned == SpkiOf(domain_ca_.CertificateDer()) ||
              pinned == SpkiOf(registrar_.CertificateDer()));
    }
    const auto log = registrar_desk_->RequestAuditLog(Call(body));
    Require(log.ok() || ReasonOf(log.status()) != Reason::kInternal);
  }

  static std::string SpkiOf(const std::string& der) {
    const auto certificate = wire::Certificate::Parse(der);
    Require(certificate.ok());
    return (*certificate)->spki_sha256;
  }

  std::vector<std::string> good_;
};

}  // namespace
}  // namespace masa::issuance

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto& desk = *new masa::issuance::WholeRequest();
  desk.Run(data, size);
  return 0;
}
