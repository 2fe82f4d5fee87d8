#include "services/signing/pkcs11/session_pool.h"

#include <utility>

#include "services/signing/pkcs11/session_core.h"

namespace masa::signing {

SessionPool::SessionPool(std::shared_ptr<Pkcs11Module> module,
                         const SessionPoolOptions& options, TokenEvents& events)
    : core_(std::make_shared<SessionCore>(std::move(module), options, events)) {
  core_->Start();
}

SessionPool::~SessionPool() { core_->Stop(); }

std::vector<TokenReport> SessionPool::Report() const { return core_->Report(); }

PoolLoad SessionPool::Load() const { return core_->Load(); }

bool SessionPool::IsBroken() const { return core_->IsBroken(); }

size_t SessionPool::AddKey(const TokenKeyName& name) {
  return core_->AddKey(name);
}

absl::StatusOr<std::string> SessionPool::Run(absl::Time deadline,
                                             uint32_t token, TokenJob job) {
  auto batch = std::make_shared<SignBatch>();
  batch->job = std::move(job);
  batch->inputs.resize(1);
  return std::move(core_->Sign(deadline, batch, token).front());
}

std::vector<absl::StatusOr<std::string>> SessionPool::Sign(
    absl::Time deadline, size_t key, CK_MECHANISM_TYPE mechanism,
    std::vector<std::string> inputs, uint32_t tokens) {
  if (inputs.empty()) {
    return {};
  }
  auto batch = std::make_shared<SignBatch>();
  batch->key = key;
  batch->mechanism = mechanism;
  batch->inputs = std::move(inputs);
  return core_->Sign(deadline, batch, tokens);
}

}  // namespace masa::signing
