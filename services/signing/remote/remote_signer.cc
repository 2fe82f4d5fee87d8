#include "services/signing/remote/remote_signer.h"

#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"
#include "services/signing/remote/crc32c.h"
#include "services/signing/remote/messages.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

absl::Status Unavailable(absl::string_view what) {
  return Refuse(Reason::kSignerUnavailable, what);
}

absl::StatusOr<std::string> SignatureOf(const masa::v1::SignOutcome& outcome) {
  if (!outcome.reason().empty()) {
    return Refuse(ReasonNamed(outcome.reason()), outcome.message());
  }
  if (outcome.crc32c() != Crc32c(outcome.signature())) {
    return Unavailable("the signature was damaged on its way");
  }
  return outcome.signature();
}

}  // namespace

std::vector<absl::StatusOr<std::string>> RemoteSigner::Sign(
    const RequestContext& context, const std::string& key,
    absl::Span<const ToBeSigned> items) {
  grpc::ClientContext call;
  rpc::Carry(context, &call);
  masa::v1::SignRequest request;
  request.set_key(key);
  for (const ToBeSigned& item : items) {
    *request.add_items() = MessageOf(item);
  }
  masa::v1::SignResponse response;
  absl::Status status = rpc::FromGrpc(stub_->Sign(&call, request, &response),
                                      Unavailable("no signer answers; retry"));
  if (status.ok() &&
      response.outcomes_size() != static_cast<int>(items.size())) {
    status = Unavailable("the signer answered another number of items");
  }
  std::vector<absl::StatusOr<std::string>> signatures;
  for (size_t i = 0; i < items.size(); ++i) {
    if (status.ok()) {
      signatures.push_back(SignatureOf(response.outcomes(i)));
    } else {
      signatures.push_back(status);
    }
  }
  return signatures;
}

absl::StatusOr<KeyDescription> RemoteSigner::Describe(
    const RequestContext& context, const std::string& key) {
  grpc::ClientContext call;
  rpc::Carry(context, &call);
  masa::v1::GetKeyRequest request;
  request.set_key(key);
  masa::v1::GetKeyResponse response;
  MASA_RETURN_IF_ERROR(rpc::FromGrpc(stub_->GetKey(&call, request, &response),
                                     Unavailable("no signer answers; retry")));
  return DescriptionOf(response);
}

}  // namespace masa::signing
