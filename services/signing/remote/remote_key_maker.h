// Makes keys through signer processes over gRPC. Thread-safe; blocks.
#ifndef SERVICES_SIGNING_REMOTE_REMOTE_KEY_MAKER_H_
#define SERVICES_SIGNING_REMOTE_REMOTE_KEY_MAKER_H_

#include <memory>
#include <string>
#include <vector>

#include "proto/masa/v1/key_maker.grpc.pb.h"
#include "services/signing/key_maker.h"

namespace masa::signing {

class RemoteKeyMaker final : public KeyMaker {
 public:
  explicit RemoteKeyMaker(
      const std::shared_ptr<grpc::ChannelInterface>& channel)
      : stub_(masa::v1::KeyMakerService::NewStub(channel)) {}

  absl::StatusOr<std::vector<KeySlot>> Slots(
      const RequestContext& context, const std::string& tenant_id) override;
  absl::StatusOr<KeyDescription> Create(const RequestContext& context,
                                        const std::string& tenant_id,
                                        const KeyName& name,
                                        SignatureAlgorithm algorithm) override;
  absl::StatusOr<KeyDescription> Import(
      const RequestContext& context, const std::string& tenant_id,
      const KeyName& name, const std::string& encrypted_pkcs8_pem) override;
  absl::Status Destroy(const RequestContext& context,
                       const std::string& tenant_id,
                       const KeyName& name) override;

 private:
  std::unique_ptr<masa::v1::KeyMakerService::Stub> stub_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_REMOTE_REMOTE_KEY_MAKER_H_
