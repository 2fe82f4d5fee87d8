// Signs through signer processes over gRPC. Thread-safe; blocks.
#ifndef SERVICES_SIGNING_REMOTE_REMOTE_SIGNER_H_
#define SERVICES_SIGNING_REMOTE_REMOTE_SIGNER_H_

#include <memory>
#include <string>
#include <vector>

#include "proto/masa/v1/signing.grpc.pb.h"
#include "services/signing/signer.h"

namespace masa::signing {

class RemoteSigner final : public Signer {
 public:
  explicit RemoteSigner(const std::shared_ptr<grpc::ChannelInterface>& channel)
      : stub_(masa::v1::SigningService::NewStub(channel)) {}

  // In calls of at most 256 items and 2 MiB. One that a signer did not answer,
  // since it died, or whose answer was damaged, is made again, of another
  // replica where there is one; kSignerUnavailable after three attempts.
  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const ToBeSigned> items) override;
  absl::StatusOr<KeyDescription> Describe(const RequestContext& context,
                                          const std::string& key) override;

 private:
  absl::StatusOr<masa::v1::SignResponse> Ask(
      const RequestContext& context, const masa::v1::SignRequest& request);
  absl::StatusOr<masa::v1::SignResponse> AskPatiently(
      const RequestContext& context, const masa::v1::SignRequest& request);

  std::unique_ptr<masa::v1::SigningService::Stub> stub_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_REMOTE_REMOTE_SIGNER_H_
