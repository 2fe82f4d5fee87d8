// A signer that counts what it signs. For tests.
#ifndef SERVICES_ISSUANCE_TEST_COUNTING_SIGNER_H_
#define SERVICES_ISSUANCE_TEST_COUNTING_SIGNER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "services/signing/signer.h"

namespace masa::issuance {

class CountingSigner final : public signing::Signer {
 public:
  explicit CountingSigner(signing::Signer& signer) : signer_(signer) {}

  size_t count() const { return count_; }

  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const signing::ToBeSigned> items) override {
    count_ += items.size();
    return signer_.Sign(context, key, items);
  }
  absl::StatusOr<signing::KeyDescription> Describe(
      const RequestContext& context, const std::string& key) override {
    return signer_.Describe(context, key);
  }

 private:
  signing::Signer& signer_;
  size_t count_ = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TEST_COUNTING_SIGNER_H_
