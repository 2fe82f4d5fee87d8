// The folder in which a signer without an HSM keeps the versions of its keys:
// one file of encrypted PKCS#8 PEM for each, named as the version is. Signers
// that share their work share the folder. Thread-safe; blocks.
#ifndef SERVICES_SIGNING_KEY_FOLDER_H_
#define SERVICES_SIGNING_KEY_FOLDER_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/signing/key_names.h"

namespace masa::signing {

class KeyFolder {
 public:
  // kMisconfigured when it is no folder, others than its owner may enter it, or
  // the passphrase is empty.
  static absl::StatusOr<std::unique_ptr<const KeyFolder>> Open(
      const std::string& path, const std::string& passphrase);

  // Nothing when there is no such version. kSignerUnavailable when the file
  // cannot be read.
  absl::StatusOr<std::optional<std::string>> Read(const KeyName& name) const;

  // Durable on return. kStateNotAllowed when the version is there.
  absl::Status Write(const KeyName& name, const std::string& pem) const;

  // Durable on return; OK when there is no such version. The octets on the disk
  // are the file system's to overwrite: they are encrypted.
  absl::Status Remove(const KeyName& name) const;

  // With which all files here are encrypted; never shown again.
  const std::string& passphrase() const { return passphrase_; }

 private:
  KeyFolder(std::string path, std::string passphrase)
      : path_(std::move(path)), passphrase_(std::move(passphrase)) {}
  std::string FileOf(const KeyName& name) const;
  // What was linked or unlinked in it is on the disk.
  bool IsFolderSynced() const;

  const std::string path_;
  const std::string passphrase_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_KEY_FOLDER_H_
