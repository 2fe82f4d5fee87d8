#include "services/signing/local_signer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/signing/private_key.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {

LocalSigner::~LocalSigner() = default;

absl::StatusOr<std::unique_ptr<LocalSigner>> LocalSigner::New(
    const std::vector<LocalKeySource>& sources,
    std::unique_ptr<const KeyFolder> folder) {
  std::unique_ptr<LocalSigner> signer(new LocalSigner(std::move(folder)));
  absl::MutexLock lock(&signer->mutex_);
  for (const LocalKeySource& source : sources) {
    if (!signer->sources_.emplace(source.key.name, source.key).second) {
      return KeyGuard::Wrong(source.key.name, "two keys have this name");
    }
    if (source.key.chain_pem.empty() && source.private_key_pem.empty() &&
        signer->folder_ != nullptr) {
      continue;
    }
    if (source.key.chain_pem.empty()) {
      return KeyGuard::Wrong(source.key.name,
                             "the chain file holds no certificate");
    }
    MASA_ASSIGN_OR_RETURN(
        signer->keys_[source.key.name],
        LocalKey::New(source.key, source.private_key_pem, source.passphrase));
  }
  return signer;
}

absl::StatusOr<LocalSigner::KeyPointer> LocalSigner::Load(
    const std::string& name) {
  const KeyName version = ParseKeyName(name);
  const auto source = sources_.find(version.key);
  if (source == sources_.end() || folder_ == nullptr || version.version == 0) {
    return KeyGuard::Unknown(name);
  }
  MASA_ASSIGN_OR_RETURN(const auto pem, folder_->Read(version));
  if (!pem) {
    return KeyGuard::Unknown(name);
  }
  KeySource ours = source->second;
  ours.name = name;
  ours.chain_pem.clear();
  return LocalKey::New(ours, *pem, folder_->passphrase());
}

absl::StatusOr<LocalSigner::KeyPointer> LocalSigner::Find(
    const std::string& name) {
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = keys_.find(name);
    if (found != keys_.end()) {
      return found->second;
    }
  }
  // Else a version that is destroyed meanwhile would come back.
  absl::MutexLock loading(&folder_mutex_);
  MASA_ASSIGN_OR_RETURN(KeyPointer loaded, Load(name));
  absl::MutexLock lock(&mutex_);
  return keys_.emplace(name, std::move(loaded)).first->second;
}

std::vector<absl::StatusOr<std::string>> LocalSigner::Sign(
    const RequestContext& context, const std::string& key,
    absl::Span<const ToBeSigned> items) {
  const absl::StatusOr<KeyPointer> found = Find(key);
  return found.ok() ? (*found)->Sign(items)
                    : std::vector<absl::StatusOr<std::string>>(items.size(),
                                                               found.status());
}

absl::StatusOr<KeyDescription> LocalSigner::Describe(
    const RequestContext& context, const std::string& key) {
  MASA_ASSIGN_OR_RETURN(const KeyPointer found, Find(key));
  return found->description();
}

absl::StatusOr<std::vector<KeySlot>> LocalSigner::Slots(
    const RequestContext& context, const std::string& tenant_id) {
  std::vector<KeySlot> slots;
  absl::ReaderMutexLock lock(&mutex_);
  for (const auto& [name, source] : sources_) {
    if (source.tenant_id == tenant_id && !tenant_id.empty()) {
      const auto key = keys_.find(name);
      slots.push_back({name, tenant_id, source.kinds, source.endless,
                       key == keys_.end()
                           ? std::vector<std::string>()
                           : key->second->description().chain_der});
    }
  }
  return slots;
}

absl::Status LocalSigner::MayMake(const std::string& tenant_id,
                                  const KeyName& name) const {
  const auto source = sources_.find(name.key);
  if (source == sources_.end() || tenant_id.empty() ||
      source->second.tenant_id != tenant_id || name.version < 1) {
    return KeyGuard::Unknown(name.key);
  }
  return folder_ != nullptr
             ? absl::OkStatus()
             : KeyGuard::Wrong(name.key,
                               "versions need a signer.key_folder, which this "
                               "signer does not have");
}

absl::StatusOr<KeyDescription> LocalSigner::Create(
    const RequestContext& context, const std::string& tenant_id,
    const KeyName& name, SignatureAlgorithm algorithm) {
  MASA_RETURN_IF_ERROR(MayMake(tenant_id, name));
  MASA_ASSIGN_OR_RETURN(const auto key, MakePrivateKey(algorithm));
  MASA_RETURN_IF_ERROR(
      folder_->Write(name, PrivateKeyPem(key.get(), folder_->passphrase())));
  return Describe(context, NameOf(name));
}

absl::StatusOr<KeyDescription> LocalSigner::Import(
    const RequestContext& context, const std::string& tenant_id,
    const KeyName& name, const std::string& encrypted_pkcs8_pem) {
  MASA_RETURN_IF_ERROR(MayMake(tenant_id, name));
  const auto key =
      IsEncryptedPem(encrypted_pkcs8_pem)
          ? ReadPrivateKeyPem(encrypted_pkcs8_pem, folder_->passphrase())
          : nullptr;
  if (key == nullptr) {
    return Refuse(Reason::kInvalidArgument,
                  "the key is PKCS#8 PEM, encrypted with the passphrase of "
                  "the signer's key folder");
  }
  const auto algorithm = AlgorithmOf(key.get());
  if (!algorithm.ok()) {
    return Refuse(Reason::kInvalidArgument, algorithm.status().message());
  }
  // Written anew, so that the folder holds what this program makes.
  MASA_RETURN_IF_ERROR(
      folder_->Write(name, PrivateKeyPem(key.get(), folder_->passphrase())));
  return Describe(context, NameOf(name));
}

absl::Status LocalSigner::Destroy(const RequestContext& context,
                                  const std::string& tenant_id,
                                  const KeyName& name) {
  MASA_RETURN_IF_ERROR(MayMake(tenant_id, name));
  absl::MutexLock loading(&folder_mutex_);
  MASA_RETURN_IF_ERROR(folder_->Remove(name));
  absl::MutexLock lock(&mutex_);
  keys_.erase(NameOf(name));
  return absl::OkStatus();
}

}  // namespace masa::signing
