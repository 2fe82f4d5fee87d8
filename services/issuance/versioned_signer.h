// Signs with the version of a key that is in force: the same on every replica,
// since each knows all versions ten seconds before they begin. A decorator of
// the signers, which know private keys and no certificates of versions.
#ifndef SERVICES_ISSUANCE_VERSIONED_SIGNER_H_
#define SERVICES_ISSUANCE_VERSIONED_SIGNER_H_

#include <string>
#include <vector>

#include "services/issuance/lagging.h"
#include "services/signing/key_ring.h"
#include "services/signing/signer.h"
#include "storage/key_store.h"

namespace masa::issuance {

// Thread-safe.
class VersionedSigner final : public signing::Signer {
 public:
  // All outlive this.
  VersionedSigner(signing::Signer& signer, storage::KeyStore& keys,
                  const Clock& clock);

  // With the very key that is named; see InForce.
  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const signing::ToBeSigned> items) override {
    return signer_.Sign(context, key, items);
  }
  // Of a version with its chain; of a key, the version in force. kMisconfigured
  // when the signer's key is not that of the certificate, or a certificate of
  // its chain has ended.
  absl::StatusOr<signing::KeyDescription> Describe(
      const RequestContext& context, const std::string& key) override;
  absl::StatusOr<signing::KeyDescription> DescribeVersion(
      const RequestContext& context, const std::string& version) override;
  absl::StatusOr<std::string> InForce(const RequestContext& context,
                                      const std::string& key) override;
  absl::StatusOr<std::vector<signing::PublishedVersion>> Published(
      const RequestContext& context, const std::string& key) override;

  // How often the versions of keys were asked for, and were there.
  const CacheCounts& counts() const { return ring_.counts(); }

 private:
  absl::Status CheckNotEnded(const signing::KeyDescription& key) const;
  absl::StatusOr<signing::KeyDescription> DescribeIn(
      const signing::KeyRing& ring, const RequestContext& context,
      const signing::KeyName& name);

  signing::Signer& signer_;
  const Clock& clock_;
  Lagging<signing::KeyRing> ring_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_VERSIONED_SIGNER_H_
