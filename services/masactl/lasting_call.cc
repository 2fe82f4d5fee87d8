#include "services/masactl/lasting_call.h"

#include "services/rpc/channel.h"

namespace masa::masactl {
namespace {

constexpr int kMostTries = 6;

}  // namespace

absl::Status LastingCall::Run(const Read& read) {
  int tries = 0;
  while (true) {
    bool heard = false;
    absl::Status status;
    {
      grpc::ClientContext call;
      rpc::Carry({}, &call, rpc::CallLasts::kWhileWanted);
      SetCall(&call);
      status = read(call, heard);
      SetCall(nullptr);
    }
    tries = heard ? 0 : tries + 1;
    if (IsStopped()) {
      return absl::OkStatus();
    }
    // A server that goes cancels what it has not ended in time.
    const bool passes =
        absl::IsUnavailable(status) || absl::IsCancelled(status);
    if (!passes || tries >= kMostTries) {
      return status;
    }
    Pause(tries);
  }
}

void LastingCall::Stop() {
  MutexLock lock(mutex_);
  stopped_ = true;
  if (call_ != nullptr) {
    call_->TryCancel();
  }
  changed_.NotifyAll();
}

bool LastingCall::IsStopped() {
  MutexLock lock(mutex_);
  return stopped_;
}

void LastingCall::Pause(int tries) {
  MutexLock lock(mutex_);
  if (!stopped_) {
    (void)changed_.WaitFor(mutex_, first_pause_ * (1 << tries));
  }
}

void LastingCall::SetCall(grpc::ClientContext* call) {
  MutexLock lock(mutex_);
  call_ = call;
  if (stopped_ && call != nullptr) {
    call->TryCancel();
  }
}

}  // namespace masa::masactl
