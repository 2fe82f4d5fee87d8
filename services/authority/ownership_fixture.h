// OwnershipService over a real socket, on the records of the test desk: what
// the tests of its calls and of its stream stand on.
#ifndef SERVICES_AUTHORITY_OWNERSHIP_FIXTURE_H_
#define SERVICES_AUTHORITY_OWNERSHIP_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "services/authority/ownership_face.h"
#include "services/authority/test_peer.h"
#include "services/executor/mutex.h"
#include "services/issuance/gathering_resolve_desk.h"
#include "services/issuance/test_desk.h"
#include "services/issuance/watch_ownership.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"

namespace masa::authority {

// A desk that keeps questions until it is told to ask another one.
class HoldingDesk final : public issuance::ResolveDesk {
 public:
  explicit HoldingDesk(issuance::ResolveDesk& desk) : desk_(desk) {}

  void Resolve(std::vector<issuance::PendingResolve> calls) override {
    MutexLock lock(mutex_);
    for (issuance::PendingResolve& call : calls) {
      held_.push_back(std::move(call));
    }
    came_.NotifyAll();
  }
  absl::StatusOr<std::vector<absl::StatusOr<issuance::Ownership>>> ResolveAll(
      const RequestContext& context, const identity::Principal& caller,
      absl::Span<const issuance::OwnershipQuestion> questions) override {
    return desk_.ResolveAll(context, caller, questions);
  }

  void WaitFor(size_t count) {
    MutexLock lock(mutex_);
    while (held_.size() < count) {
      came_.Wait(mutex_);
    }
  }
  size_t held() {
    MutexLock lock(mutex_);
    return held_.size();
  }
  void LetGo() {
    std::vector<issuance::PendingResolve> calls;
    {
      MutexLock lock(mutex_);
      calls.swap(held_);
    }
    desk_.Resolve(std::move(calls));
  }

 private:
  issuance::ResolveDesk& desk_;
  Mutex mutex_;
  Condition came_;
  std::vector<issuance::PendingResolve> held_ ABSL_GUARDED_BY(mutex_);
};

// A desk at which all goes wrong, by no fault of the caller's.
class BrokenDesk final : public issuance::ResolveDesk {
 public:
  void Resolve(std::vector<issuance::PendingResolve> calls) override {
    for (issuance::PendingResolve& call : calls) {
      call.respond(absl::InternalError("the disk is full"));
    }
  }
  absl::StatusOr<std::vector<absl::StatusOr<issuance::Ownership>>> ResolveAll(
      const RequestContext&, const identity::Principal&,
      absl::Span<const issuance::OwnershipQuestion> questions) override {
    return std::vector<absl::StatusOr<issuance::Ownership>>(
        questions.size(), absl::InternalError("the disk is full"));
  }
};

// A face at a socket of its own.
class ServedOwnership {
 public:
  ServedOwnership(issuance::ResolveDesk& desk, issuance::WatchDesk& watches)
      : face_(desk, watches, rpc::Serving{gate_, executor_}) {
    const auto server = Peer("DNS:localhost", &ca_);
    server_ = *rpc::Server::New({"127.0.0.1:0", server.CertificatePem(),
                                 server.KeyPem(), ca_.CertificatePem(), false},
                                {&face_});
    const auto client = Peer("URI:urn:op", &ca_);
    stub_ = masa::v1::OwnershipService::NewStub(rpc::MakeChannel(
        {"127.0.0.1:" + std::to_string(server_->port()), "",
         ca_.CertificatePem(), client.CertificatePem(), client.KeyPem()}));
  }
  masa::v1::OwnershipService::Stub* operator->() { return stub_.get(); }

  // What the log would hear.
  std::vector<FailedCall> told() {
    MutexLock lock(mutex_);
    return told_;
  }

 private:
  Mutex mutex_;
  std::vector<FailedCall> told_ ABSL_GUARDED_BY(mutex_);
  testing::Identity ca_ = Peer("", nullptr);
  Executor executor_{{"test", 2, 16}};
  const rpc::Gate gate_ = *rpc::Gate::Create(
      {masa::v1::OwnershipService::service_full_name()},
      {{masa::v1::OwnershipService::service_full_name(), {"*"}}},
      [](const std::vector<std::string>&)
          -> absl::StatusOr<identity::Principal> {
        return identity::Principal{identity::Role::kOperator, "op", "acme", ""};
      },
      {}, {},
      [this](const FailedCall& call) {
        MutexLock lock(mutex_);
        told_.push_back(call);
      });
  OwnershipFace face_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<masa::v1::OwnershipService::Stub> stub_;
};

class OwnershipFixture : public issuance::Desk {
 protected:
  std::string DomainKey() {
    return (*wire::Certificate::Parse(domain_ca_.CertificateDer()))
        ->spki_sha256;
  }
  masa::v1::ResolveOwnershipRequest Question(const std::string& serial) {
    masa::v1::ResolveOwnershipRequest request;
    request.mutable_device()->set_serial_number(serial);
    request.mutable_registrar()->set_spki_sha256(DomainKey());
    return request;
  }

  issuance::GatheringResolveDesk gathering_{*resolve_desk_,
                                            {"resolves", 1, 64}};
  issuance::WatchOwnership watches_{*tools_, store_, {}};
  ServedOwnership served_{gathering_, watches_};
};

inline std::string ReasonIn(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  for (const auto& any : status.details()) {
    if (any.UnpackTo(&info)) {
      return info.reason();
    }
  }
  return "";
}

inline std::string ReasonIn(const grpc::Status& status) {
  google::rpc::Status whole;
  return whole.ParseFromString(status.error_details()) ? ReasonIn(whole) : "";
}

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_OWNERSHIP_FIXTURE_H_
