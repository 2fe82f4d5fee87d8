#include "services/signing/pkcs11/pkcs11_signer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/signing/pkcs11/hsm_refusal.h"
#include "services/signing/pkcs11/mechanism.h"
#include "services/signing/pkcs11/pkcs11_key.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

// No artifact begins like this, so a signature over it is worth nothing.
constexpr absl::string_view kKeyCheck = "MASA checks at start that a key signs";
constexpr absl::Duration kLongestKeyCheck = absl::Seconds(10);

}  // namespace

Pkcs11Signer::Pkcs11Signer() = default;
Pkcs11Signer::~Pkcs11Signer() = default;

absl::StatusOr<std::unique_ptr<Pkcs11Signer>> Pkcs11Signer::New(
    std::shared_ptr<Pkcs11Module> module, SessionPoolOptions pool,
    const std::vector<Pkcs11Key>& keys, TokenEvents& events) {
  std::unique_ptr<Pkcs11Signer> signer(new Pkcs11Signer());
  {
    absl::MutexLock lock(&signer->mutex_);
    for (const Pkcs11Key& source : keys) {
      const std::string& name = source.key.name;
      if (!signer->sources_.emplace(name, source).second) {
        return KeyGuard::Wrong(name, "two keys have this name");
      }
      if (source.key.chain_pem.empty() && !source.key.tenant_id.empty()) {
        continue;
      }
      MASA_ASSIGN_OR_RETURN(auto guard, KeyGuard::New(source.key));
      signer->keys_[name] =
          std::make_shared<const Key>(pool.keys.size(), std::move(guard));
      pool.keys.push_back(source.in_token);
    }
  }
  signer->module_ = module;
  signer->pool_ =
      std::make_unique<SessionPool>(std::move(module), pool, events);
  MASA_RETURN_IF_ERROR(signer->CheckKeys());
  return signer;
}

std::map<std::string, Pkcs11Signer::KeyPointer> Pkcs11Signer::AllKeys() const {
  absl::ReaderMutexLock lock(&mutex_);
  return keys_;
}

absl::Status Pkcs11Signer::CheckKeys() const {
  for (const auto& [name, key] : AllKeys()) {
    MASA_RETURN_IF_ERROR(CheckKey(*key));
  }
  return absl::OkStatus();
}

absl::Status Pkcs11Signer::CheckKey(const Key& key) const {
  const std::string& name = key.guard->description().name;
  const std::vector<TokenReport> tokens = pool_->Report();
  bool is_any_open = false, is_found = false;
  for (size_t i = 0; i < tokens.size(); ++i) {
    is_any_open |= tokens[i].open;
    if (!tokens[i].open || tokens[i].keys[key.number].found == 0) {
      continue;
    }
    if (tokens[i].keys[key.number].found > 1) {
      return KeyGuard::Wrong(
          name, absl::StrCat("token ", tokens[i].label,
                             " has more than one such key; name it by id too"));
    }
    is_found = true;
    const auto answers =
        pool_->Sign(absl::Now() + kLongestKeyCheck, key.number,
                    MechanismFor(key.algorithm()),
                    {InputFor(key.algorithm(), kKeyCheck)}, uint32_t{1} << i);
    if (answers[0].ok() && !key.Release(kKeyCheck, *answers[0]).ok()) {
      return KeyGuard::Wrong(
          name, absl::StrCat("the first certificate of the chain is not that "
                             "of the key in token ",
                             tokens[i].label));
    }
  }
  return is_any_open && !is_found
             ? KeyGuard::Wrong(name, "no token that is open has such a key")
             : absl::OkStatus();
}

PoolLoad Pkcs11Signer::Load() const { return pool_->Load(); }

std::vector<std::string> Pkcs11Signer::Report() const {
  std::vector<std::string> lines;
  for (const TokenReport& token : pool_->Report()) {
    if (!token.open) {
      lines.push_back(
          absl::StrCat("token ", token.label, " is not open: ", token.why));
      continue;
    }
    for (const auto& [name, key] : AllKeys()) {
      const TokenKey found = key->number < token.keys.size()
                                 ? token.keys[key->number]
                                 : TokenKey();
      lines.push_back(absl::StrCat(
          "token ", token.label, found.found == 1 ? " has" : " lacks", " key ",
          name,
          found.extractable ? ", which could leave it (CKA_EXTRACTABLE)" : ""));
    }
  }
  return lines;
}

std::vector<absl::StatusOr<std::string>> Pkcs11Signer::Sign(
    const RequestContext& context, const std::string& key,
    absl::Span<const ToBeSigned> items) {
  const absl::StatusOr<KeyPointer> found = Find(context, key);
  if (!found.ok()) {
    return std::vector<absl::StatusOr<std::string>>(items.size(),
                                                    found.status());
  }
  const Key& ours = **found;
  std::vector<absl::StatusOr<std::string>> signatures;
  const std::vector<size_t> good = ours.guard->CheckAll(items, &signatures);
  std::vector<std::string> inputs;
  inputs.reserve(good.size());
  for (const size_t i : good) {
    inputs.push_back(InputFor(ours.algorithm(), items[i].octets()));
  }
  auto answers = pool_->Sign(context.deadline, ours.number,
                             MechanismFor(ours.algorithm()), std::move(inputs));
  for (size_t i = 0; i < good.size(); ++i) {
    signatures[good[i]] =
        answers[i].ok()
            ? ours.Release(items[good[i]].octets(), *std::move(answers[i]))
            : std::move(answers[i]);
  }
  return signatures;
}

absl::StatusOr<KeyDescription> Pkcs11Signer::Describe(
    const RequestContext& context, const std::string& key) {
  if (pool_->IsBroken() && sources_.contains(ParseKeyName(key).key)) {
    return HsmUnavailable("is not reachable; see the log for its answer");
  }
  MASA_ASSIGN_OR_RETURN(const KeyPointer found, Find(context, key));
  return found->guard->description();
}

}  // namespace masa::signing
