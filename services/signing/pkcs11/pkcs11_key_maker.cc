// Versions of keys in an HSM: made there, and found when first asked for.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "openssl/bytestring.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "services/signing/pkcs11/hsm_refusal.h"
#include "services/signing/pkcs11/pkcs11_key.h"
#include "services/signing/pkcs11/pkcs11_signer.h"
#include "services/signing/pkcs11/return_value.h"
#include "services/signing/pkcs11/token_keys.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

// Of an answer that a new session or a new login cannot better: the job is
// done, and says so.
bool IsFinal(CK_RV value) {
  return RemedyFor(value) == Remedy::kNever || value == CKR_DEVICE_MEMORY;
}

bssl::UniquePtr<EVP_PKEY> KeyIn(const std::string& spki_der) {
  CBS cbs;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(spki_der.data()),
           spki_der.size());
  bssl::UniquePtr<EVP_PKEY> key(EVP_parse_public_key(&cbs));
  ERR_clear_error();
  return key;
}

}  // namespace

absl::StatusOr<std::string> Pkcs11Signer::LabelOf(const std::string& tenant_id,
                                                  const KeyName& name) const {
  const auto source = sources_.find(name.key);
  if (source == sources_.end() || name.version < 1 ||
      source->second.key.tenant_id.empty() ||
      (!tenant_id.empty() && source->second.key.tenant_id != tenant_id)) {
    return KeyGuard::Unknown(NameOf(name));
  }
  const std::string& label = source->second.in_token.label;
  return NameOf({label.empty() ? name.key : label, name.version});
}

absl::StatusOr<std::string> Pkcs11Signer::ReadSpki(
    const RequestContext& context, const std::string& label) {
  const std::vector<TokenReport> tokens = pool_->Report();
  absl::Status failed;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens[i].open) {
      failed = HsmUnavailable("has a token that is not open");
      continue;
    }
    const auto read = pool_->Run(
        context.deadline, uint32_t{1} << i,
        [module = module_, label](CK_SLOT_ID, CK_SESSION_HANDLE session,
                                  std::string* answer) {
          return ReadPublicKey(*module, session, label, answer);
        });
    if (read.ok() && !read->empty()) {
      return read;
    }
    if (!read.ok()) {
      failed = read.status();
    }
  }
  MASA_RETURN_IF_ERROR(failed);
  return std::string();
}

absl::StatusOr<Pkcs11Signer::KeyPointer> Pkcs11Signer::Load(
    const RequestContext& context, const std::string& name) {
  const KeyName version = ParseKeyName(name);
  MASA_ASSIGN_OR_RETURN(const std::string label, LabelOf("", version));
  MASA_ASSIGN_OR_RETURN(const std::string spki, ReadSpki(context, label));
  bssl::UniquePtr<EVP_PKEY> public_key = KeyIn(spki);
  if (public_key == nullptr) {
    return KeyGuard::Unknown(name);
  }
  KeySource source = sources_.at(version.key).key;
  source.name = name;
  MASA_ASSIGN_OR_RETURN(auto guard,
                        KeyGuard::ForKey(source, std::move(public_key)));
  absl::MutexLock lock(&mutex_);
  KeyPointer& key = keys_[name];
  if (key == nullptr) {
    key = std::make_shared<const Key>(pool_->AddKey({label, ""}),
                                      std::move(guard));
  }
  return key;
}

absl::StatusOr<Pkcs11Signer::KeyPointer> Pkcs11Signer::Find(
    const RequestContext& context, const std::string& name) {
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = keys_.find(name);
    if (found != keys_.end()) {
      return found->second;
    }
  }
  return Load(context, name);
}

absl::StatusOr<std::vector<KeySlot>> Pkcs11Signer::Slots(
    const RequestContext& context, const std::string& tenant_id) {
  const auto keys = AllKeys();
  std::vector<KeySlot> slots;
  for (const auto& [name, source] : sources_) {
    if (source.key.tenant_id == tenant_id && !tenant_id.empty()) {
      const auto key = keys.find(name);
      slots.push_back({name, tenant_id, source.key.kinds, source.key.endless,
                       key == keys.end()
                           ? std::vector<std::string>()
                           : key->second->guard->description().chain_der});
    }
  }
  return slots;
}

absl::StatusOr<KeyDescription> Pkcs11Signer::Create(
    const RequestContext& context, const std::string& tenant_id,
    const KeyName& name, SignatureAlgorithm algorithm) {
  if (tenant_id.empty()) {
    return KeyGuard::Unknown(NameOf(name));
  }
  MASA_ASSIGN_OR_RETURN(const std::string label, LabelOf(tenant_id, name));
  MASA_ASSIGN_OR_RETURN(const std::string there, ReadSpki(context, label));
  if (!there.empty()) {
    return Refuse(
        Reason::kStateNotAllowed,
        absl::StrCat("signing key ", NameOf(name), " is there already"));
  }
  const std::vector<TokenReport> tokens = pool_->Report();
  const auto open =
      std::find_if(tokens.begin(), tokens.end(),
                   [](const TokenReport& token) { return token.open; });
  if (open == tokens.end()) {
    return HsmUnavailable("has no token that is open");
  }
  const size_t first = open - tokens.begin();
  MASA_ASSIGN_OR_RETURN(
      const std::string refusal,
      pool_->Run(context.deadline, uint32_t{1} << first,
                 [module = module_, label, algorithm](
                     CK_SLOT_ID slot, CK_SESSION_HANDLE, std::string* answer) {
                   const CK_RV value =
                       MakeKeyPair(*module, slot, label, algorithm);
                   *answer = IsFinal(value) ? NameOf(value) : "";
                   return IsFinal(value) ? CKR_OK : value;
                 }));
  if (!refusal.empty()) {
    return HsmUnavailable(absl::StrCat("made no key in token ", open->label,
                                       ": it answered ", refusal));
  }
  return Describe(context, NameOf(name));
}

// A copy in a token that is away would be a key that nobody thinks of.
absl::Status Pkcs11Signer::Destroy(const RequestContext& context,
                                   const std::string& tenant_id,
                                   const KeyName& name) {
  if (tenant_id.empty()) {
    return KeyGuard::Unknown(NameOf(name));
  }
  MASA_ASSIGN_OR_RETURN(const std::string label, LabelOf(tenant_id, name));
  const std::vector<TokenReport> tokens = pool_->Report();
  for (const TokenReport& token : tokens) {
    if (!token.open) {
      return HsmUnavailable(absl::StrCat("has a token that is not open, ",
                                         token.label,
                                         ", and may keep the key"));
    }
  }
  for (size_t i = 0; i < tokens.size(); ++i) {
    MASA_ASSIGN_OR_RETURN(
        const std::string refusal,
        pool_->Run(context.deadline, uint32_t{1} << i,
                   [module = module_, label](CK_SLOT_ID slot, CK_SESSION_HANDLE,
                                             std::string* answer) {
                     const CK_RV value = DestroyKeyPair(*module, slot, label);
                     *answer = IsFinal(value) ? NameOf(value) : "";
                     return IsFinal(value) ? CKR_OK : value;
                   }));
    if (!refusal.empty()) {
      return HsmUnavailable(absl::StrCat("did not destroy the key in token ",
                                         tokens[i].label, ": it answered ",
                                         refusal));
    }
  }
  absl::MutexLock lock(&mutex_);
  keys_.erase(NameOf(name));
  return absl::OkStatus();
}

absl::StatusOr<KeyDescription> Pkcs11Signer::Import(
    const RequestContext& context, const std::string& tenant_id,
    const KeyName& name, const std::string& encrypted_pkcs8_pem) {
  return Refuse(Reason::kInvalidArgument,
                "this signer's keys are made in its HSM, and none is brought "
                "there");
}

}  // namespace masa::signing
