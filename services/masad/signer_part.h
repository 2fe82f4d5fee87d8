// The signing part of a process: keys here, or signers elsewhere; and the
// listener of a signer that runs apart.
#ifndef SERVICES_MASAD_SIGNER_PART_H_
#define SERVICES_MASAD_SIGNER_PART_H_

#include <functional>
#include <memory>

#include "services/executor/executor.h"
#include "services/executor/kernel_clock.h"
#include "services/identity/callers.h"
#include "services/masad/files.h"
#include "services/observe/clock_health.h"
#include "services/rpc/gate.h"
#include "services/signer/key_maker_face.h"
#include "services/signer/signing_face.h"
#include "services/signing/key_maker.h"
#include "services/signing/signer.h"
#include "services/telemetry/decorators.h"

namespace masa::masad {

// The kernel's word on the clock (OP-19).
class KernelClock final : public ClockHealth {
 public:
  bool IsSynchronised() const override { return KernelClockIsSynchronised(); }
};

// The kind of this name in a configuration that was checked.
signing::Kind KindNamed(const std::string& name);

// Keys, and what makes versions of them.
struct Keys {
  std::shared_ptr<signing::Signer> signer;
  std::shared_ptr<signing::KeyMaker> maker;
  const char* backend = "";  // where they are, for who reads metrics
  // Brings series up to date, before each scrape; none: there are no such.
  std::function<void()> measure = {};
};

// Local keys. Says in the log that they are not in an HSM.
absl::StatusOr<Keys> BuildLocalKeys(const Setup& setup);

// The keys of the signers at `authority.signer`.
absl::StatusOr<Keys> BuildRemoteKeys(const Setup& setup);

// What admits callers to a listener; by tokens too, where one says whose they
// are. `came_by_cookie` is told of each call whose token came in a cookie.
absl::StatusOr<rpc::Gate> BuildGate(
    const masa::v1::GrpcListener& listener,
    const google::protobuf::RepeatedPtrField<masa::v1::Caller>& callers,
    const std::vector<std::string>& services,
    rpc::Gate::AuthenticateToken authenticate_token = {},
    rpc::Gate::CameByCookie came_by_cookie = {});

// SigningService and KeyMakerService on their listener; what it holds lives as
// long as it.
class SignerListener {
 public:
  static absl::StatusOr<std::unique_ptr<SignerListener>> New(
      const Setup& setup, signing::Signer& signer, signing::KeyMaker& maker,
      Executor& executor);
  int port() const { return server_->port(); }
  void Announce(bool serving) { server_->Announce(serving); }
  void Drain(absl::Duration within) { server_->Drain(within); }

 private:
  explicit SignerListener(rpc::Gate gate) : gate_(std::move(gate)) {}

  const rpc::Gate gate_;
  std::unique_ptr<signer::SigningFace> face_;
  std::unique_ptr<signer::KeyMakerFace> key_face_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_SIGNER_PART_H_
