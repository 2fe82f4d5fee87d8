#include "services/signing/remote/remote_signer.h"

#include <utility>

#include "absl/time/clock.h"
#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"
#include "services/signing/remote/crc32c.h"
#include "services/signing/remote/messages.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

// Of a call: what the face takes, and well below gRPC's largest message.
constexpr size_t kMostItems = 256;
constexpr size_t kMostOctets = size_t{2} << 20;
// gRPC tries again by itself only what fits its small buffer.
constexpr int kMostAttempts = 3;

absl::Status Unavailable(absl::string_view what) {
  return Refuse(Reason::kSignerUnavailable, what);
}

// What a part of a batch is signed in.
struct Call {
  std::vector<size_t> places;  // in the batch
  masa::v1::SignRequest request;
};

std::vector<Call> CallsFor(const std::string& key,
                           absl::Span<const ToBeSigned> items) {
  std::vector<Call> calls;
  size_t octets = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    masa::v1::SignItem message = MessageOf(items[i]);
    octets += message.ByteSizeLong();
    if (calls.empty() || calls.back().places.size() == kMostItems ||
        octets > kMostOctets) {
      calls.emplace_back().request.set_key(key);
      octets = message.ByteSizeLong();
    }
    calls.back().places.push_back(i);
    *calls.back().request.add_items() = std::move(message);
  }
  return calls;
}

absl::StatusOr<std::string> SignatureOf(const masa::v1::SignOutcome& outcome) {
  if (!outcome.reason().empty()) {
    return Refuse(ReasonNamed(outcome.reason()), outcome.message());
  }
  return outcome.signature();
}

bool IsWhole(const masa::v1::SignOutcome& outcome) {
  return !outcome.reason().empty() ||
         outcome.crc32c() == Crc32c(outcome.signature());
}

}  // namespace

absl::StatusOr<masa::v1::SignResponse> RemoteSigner::Ask(
    const RequestContext& context, const masa::v1::SignRequest& request) {
  grpc::ClientContext call;
  rpc::Carry(context, &call);
  masa::v1::SignResponse response;
  MASA_RETURN_IF_ERROR(rpc::FromGrpc(stub_->Sign(&call, request, &response),
                                     Unavailable("no signer answers; retry")));
  if (response.outcomes_size() != request.items_size()) {
    return Unavailable("the signer answered another number of items");
  }
  for (const masa::v1::SignOutcome& outcome : response.outcomes()) {
    if (!IsWhole(outcome)) {
      return Unavailable("a signature was damaged on its way");
    }
  }
  return response;
}

// Asks again where no signer answered, or what it answered did not arrive
// whole: another replica has the same keys, and a signature that nobody got is
// worth nothing to anybody.
absl::StatusOr<masa::v1::SignResponse> RemoteSigner::AskPatiently(
    const RequestContext& context, const masa::v1::SignRequest& request) {
  absl::StatusOr<masa::v1::SignResponse> response;
  for (int i = 0; i < kMostAttempts; ++i) {
    response = Ask(context, request);
    if (response.ok() ||
        ReasonOf(response.status()) != Reason::kSignerUnavailable ||
        absl::Now() >= context.deadline) {
      break;
    }
  }
  return response;
}

std::vector<absl::StatusOr<std::string>> RemoteSigner::Sign(
    const RequestContext& context, const std::string& key,
    absl::Span<const ToBeSigned> items) {
  std::vector<absl::StatusOr<std::string>> signatures(items.size());
  for (const Call& call : CallsFor(key, items)) {
    const auto response = AskPatiently(context, call.request);
    for (size_t i = 0; i < call.places.size(); ++i) {
      signatures[call.places[i]] =
          response.ok() ? SignatureOf(response->outcomes(static_cast<int>(i)))
                        : absl::StatusOr<std::string>(response.status());
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
