#include "services/authority/key_face.h"

#include <optional>
#include <utility>
#include <vector>

#include "services/authority/convert.h"
#include "services/authority/group_calls.h"
#include "services/issuance/ids.h"
#include "services/signing/remote/messages.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"

namespace masa::authority {
namespace {

using identity::Principal;

constexpr size_t kLongestPem = 16384;
constexpr size_t kLongestKey = 64;

masa::v1::KeyVersion MessageOf(const issuance::KeyView& view) {
  masa::v1::KeyVersion message;
  message.set_key(view.record.key);
  message.set_version(view.record.version);
  message.set_state(static_cast<masa::v1::KeyState>(view.state));
  message.set_in_force(view.in_force);
  if (view.algorithm) {
    message.set_algorithm(signing::MessageOf(*view.algorithm));
  }
  if (!view.record.spki_der.empty()) {
    message.set_spki_sha256(issuance::Sha256(view.record.spki_der));
  }
  for (const std::string& der : view.record.chain_der) {
    message.add_chain_der(der);
  }
  if (view.record.revision > 0) {
    *message.mutable_created_at() = TimestampOf(view.record.created_at);
  }
  if (view.record.not_before) {
    *message.mutable_not_before() = TimestampOf(*view.record.not_before);
  }
  if (view.record.retired_at) {
    *message.mutable_retired_at() = TimestampOf(*view.record.retired_at);
  }
  if (view.record.destroy_asked_at) {
    *message.mutable_destroy_asked_at() =
        TimestampOf(*view.record.destroy_asked_at);
    message.set_destroy_asked_by(view.record.destroy_asked_by);
  }
  if (view.record.destroyed_at) {
    *message.mutable_destroyed_at() = TimestampOf(*view.record.destroyed_at);
  }
  if (view.certificate_not_after != absl::InfiniteFuture()) {
    *message.mutable_certificate_not_after() =
        TimestampOf(view.certificate_not_after);
  }
  return message;
}

// Of a request that names a key.
template <typename Request>
void CheckName(const Request& request, FieldChecker* check) {
  if (request.key().empty() || request.key().size() > kLongestKey) {
    check->Fault("key", "has 1 to 64 octets");
  }
}

template <typename Request>
absl::StatusOr<signing::KeyName> NameOf(const Request& request) {
  FieldChecker check;
  CheckName(request, &check);
  if (request.version() < 0) {
    check.Fault("version", "is 0 or more");
  }
  MASA_RETURN_IF_ERROR(check.Finish());
  return signing::KeyName{request.key(), request.version()};
}

// Nothing when it is absent.
absl::StatusOr<std::optional<absl::Time>> MomentOf(
    bool is_there, const google::protobuf::Timestamp& timestamp,
    const char* field) {
  constexpr int64_t kLast = 253'402'300'799;  // the year 9999
  constexpr int kNanos = 1'000'000'000;
  if (!is_there) {
    return std::optional<absl::Time>();
  }
  FieldChecker check;
  if (timestamp.seconds() < 0 || timestamp.seconds() > kLast ||
      timestamp.nanos() < 0 || timestamp.nanos() >= kNanos) {
    check.Fault(field, "is no moment");
  }
  MASA_RETURN_IF_ERROR(check.Finish());
  // Whole microseconds are kept.
  return std::optional<absl::Time>(
      absl::FromUnixMicros(absl::ToUnixMicros(TimeOf(timestamp))));
}

}  // namespace

template <typename Body>
grpc::ServerUnaryReactor* KeyFace::Serve(grpc::CallbackServerContext* context,
                                         Body body) {
  return rpc::ServeUnary(context, serving_,
                         masa::v1::KeyAdminService::service_full_name(),
                         std::move(body));
}

grpc::ServerUnaryReactor* KeyFace::ListKeys(
    grpc::CallbackServerContext* context,
    const masa::v1::ListKeysRequest* request,
    masa::v1::ListKeysResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 MASA_ASSIGN_OR_RETURN(const auto views,
                                       desk_.List(ours, caller));
                 for (const issuance::KeyView& view : views) {
                   *response->add_versions() = MessageOf(view);
                 }
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* KeyFace::CreateKeyVersion(
    grpc::CallbackServerContext* context,
    const masa::v1::CreateKeyVersionRequest* request,
    masa::v1::CreateKeyVersionResponse* response) {
  return Serve(
      context,
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
        FieldChecker check;
        CheckName(*request, &check);
        const auto algorithm = signing::AlgorithmOf(request->algorithm());
        if (!algorithm.ok()) {
          check.Fault("algorithm", "is none that keys here have");
        }
        MASA_RETURN_IF_ERROR(check.Finish());
        MASA_ASSIGN_OR_RETURN(const auto view,
                              desk_.Create(Under(ours, once), caller,
                                           request->key(), *algorithm, once));
        *response->mutable_version() = MessageOf(view);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* KeyFace::ImportKeyVersion(
    grpc::CallbackServerContext* context,
    const masa::v1::ImportKeyVersionRequest* request,
    masa::v1::ImportKeyVersionResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
                 FieldChecker check;
                 CheckName(*request, &check);
                 const std::string& pem = request->encrypted_pkcs8_pem();
                 if (pem.empty() || pem.size() > kLongestPem) {
                   check.Fault("encrypted_pkcs8_pem", "has 1 to 16384 octets");
                 }
                 MASA_RETURN_IF_ERROR(check.Finish());
                 const auto view = desk_.Import(Under(ours, once), caller,
                                                request->key(), pem, once);
                 if (ReasonOf(view.status()) == Reason::kInvalidArgument) {
                   return AtField(view.status(), "encrypted_pkcs8_pem");
                 }
                 MASA_RETURN_IF_ERROR(view.status());
                 *response->mutable_version() = MessageOf(*view);
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* KeyFace::GetCertificateRequest(
    grpc::CallbackServerContext* context,
    const masa::v1::GetCertificateRequestRequest* request,
    masa::v1::GetCertificateRequestResponse* response) {
  return Serve(
      context,
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto name, NameOf(*request));
        MASA_ASSIGN_OR_RETURN(
            *response->mutable_request_der(),
            desk_.RequestCertificate(ours, caller, name, request->subject()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* KeyFace::ActivateKeyVersion(
    grpc::CallbackServerContext* context,
    const masa::v1::ActivateKeyVersionRequest* request,
    masa::v1::ActivateKeyVersionResponse* response) {
  return Serve(
      context,
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
        issuance::Activation activation;
        MASA_ASSIGN_OR_RETURN(activation.name, NameOf(*request));
        MASA_ASSIGN_OR_RETURN(activation.not_before,
                              MomentOf(request->has_not_before(),
                                       request->not_before(), "not_before"));
        activation.chain_der = {request->chain_der().begin(),
                                request->chain_der().end()};
        activation.validate_only = request->validate_only();
        MASA_ASSIGN_OR_RETURN(
            const auto view,
            desk_.Activate(Under(ours, once), caller, activation, once));
        *response->mutable_version() = MessageOf(view);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* KeyFace::RetireKeyVersion(
    grpc::CallbackServerContext* context,
    const masa::v1::RetireKeyVersionRequest* request,
    masa::v1::RetireKeyVersionResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
                 issuance::Retirement retirement;
                 MASA_ASSIGN_OR_RETURN(retirement.name, NameOf(*request));
                 MASA_ASSIGN_OR_RETURN(
                     retirement.at,
                     MomentOf(request->has_at(), request->at(), "at"));
                 retirement.last = request->last();
                 MASA_ASSIGN_OR_RETURN(
                     const auto view,
                     desk_.Retire(Under(ours, once), caller, retirement, once));
                 *response->mutable_version() = MessageOf(view);
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* KeyFace::DestroyKeyVersion(
    grpc::CallbackServerContext* context,
    const masa::v1::DestroyKeyVersionRequest* request,
    masa::v1::DestroyKeyVersionResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
                 issuance::Destruction destruction;
                 MASA_ASSIGN_OR_RETURN(destruction.name, NameOf(*request));
                 destruction.withdraw = request->withdraw();
                 destruction.validate_only = request->validate_only();
                 MASA_ASSIGN_OR_RETURN(const auto view,
                                       desk_.Destroy(Under(ours, once), caller,
                                                     destruction, once));
                 *response->mutable_version() = MessageOf(view);
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* KeyFace::TestKey(
    grpc::CallbackServerContext* context,
    const masa::v1::TestKeyRequest* request,
    masa::v1::TestKeyResponse* response) {
  return Serve(
      context,
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto name, NameOf(*request));
        MASA_ASSIGN_OR_RETURN(
            const auto trial,
            desk_.Test(ours, caller, name.key,
                       request->has_version() ? std::optional(name.version)
                                              : std::nullopt));
        response->set_signed_by(trial.signed_by);
        response->set_algorithm(signing::MessageOf(trial.algorithm));
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
