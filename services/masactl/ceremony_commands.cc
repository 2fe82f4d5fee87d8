// Commands about keys that need no server: ceremonies, and keys in escrow.
#include <google/protobuf/struct.pb.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "openssl/evp.h"
#include "openssl/rand.h"
#include "services/masactl/key_commands.h"
#include "services/masactl/offline/ceremony.h"
#include "services/masactl/offline/ceremony_plan.h"
#include "services/masactl/offline/key_shares.h"
#include "services/masactl/offline/pem_files.h"
#include "services/signing/private_key.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

// Its first line.
absl::StatusOr<std::string> Passphrase(const std::string& file) {
  MASA_ASSIGN_OR_RETURN(const std::string text, ReadWhole(file));
  return text.substr(0, text.find('\n'));
}

absl::Status NeedFolder(const std::string& folder) {
  return std::filesystem::is_directory(folder)
             ? absl::OkStatus()
             : absl::InvalidArgumentError(
                   absl::StrCat(folder,
                                " is no folder; make it, for yourself "
                                "alone (mkdir -m 700)"));
}

void Random(std::string* octets) {
  RAND_bytes(reinterpret_cast<uint8_t*>(octets->data()), octets->size());
}

}  // namespace

absl::StatusOr<int> HoldKeyCeremony(const CommonOptions& options,
                                    const KeyArguments& arguments,
                                    Terminal terminal) {
  MASA_RETURN_IF_ERROR(NeedFolder(arguments.out_file));
  MASA_ASSIGN_OR_RETURN(const std::string passphrase,
                        Passphrase(arguments.passphrase_file));
  MASA_ASSIGN_OR_RETURN(const auto record,
                        HoldCeremony({arguments.plan_file, arguments.out_file,
                                      passphrase, arguments.at}));
  if (options.json) {
    terminal.out << JsonOf(record) << '\n';
    return 0;
  }
  for (const std::string& step : record.steps()) {
    terminal.out << step << '\n';
  }
  terminal.out
      << "the record is in "
      << (std::filesystem::path(arguments.out_file) / kRecordFile).string()
      << '\n';
  return 0;
}

absl::StatusOr<int> VerifyKeyCeremony(const CommonOptions& options,
                                      const KeyArguments& arguments,
                                      Terminal terminal) {
  const std::vector<std::string> faults = CheckCeremony(
      arguments.plan_file, arguments.folder, arguments.root_sha256);
  for (const std::string& fault : faults) {
    terminal.err << fault << '\n';
  }
  if (options.json) {
    google::protobuf::Struct verdict;
    auto& fields = *verdict.mutable_fields();
    fields["holds"].set_bool_value(faults.empty());
    fields["faults"].mutable_list_value();
    for (const std::string& fault : faults) {
      fields["faults"].mutable_list_value()->add_values()->set_string_value(
          fault);
    }
    terminal.out << JsonOf(verdict) << '\n';
  } else if (faults.empty()) {
    terminal.out << "the record and all that came of it hold\n";
  }
  return faults.empty() ? 0 : 1;
}

absl::StatusOr<int> SplitKeyInEscrow(const CommonOptions& options,
                                     const KeyArguments& arguments,
                                     Terminal terminal) {
  MASA_RETURN_IF_ERROR(NeedFolder(arguments.out_file));
  MASA_ASSIGN_OR_RETURN(const std::string passphrase,
                        Passphrase(arguments.passphrase_file));
  MASA_ASSIGN_OR_RETURN(const std::string pem, ReadWhole(arguments.key_file));
  const auto key = signing::ReadPrivateKeyPem(pem, passphrase);
  if (key == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        arguments.key_file, " does not open as PKCS#8 with that passphrase"));
  }
  MASA_ASSIGN_OR_RETURN(
      const auto shares,
      SplitKey(key.get(), arguments.threshold, arguments.shares, Random));
  google::protobuf::Struct files;
  auto& listed = *(*files.mutable_fields())["shares"].mutable_list_value();
  for (const masa::v1::KeyShare& share : shares) {
    const std::filesystem::path path =
        std::filesystem::path(arguments.out_file) /
        absl::StrCat("share-", share.index(), ".json");
    MASA_RETURN_IF_ERROR(WriteText(path.string(), ShareText(share)));
    listed.add_values()->set_string_value(path.string());
    terminal.out << (options.json ? "" : path.string() + "\n");
  }
  terminal.out << (options.json ? JsonOf(files) + "\n" : "");
  return 0;
}

absl::StatusOr<int> RestoreKeyFromEscrow(const CommonOptions& options,
                                         const KeyArguments& arguments,
                                         Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const std::string passphrase,
                        Passphrase(arguments.passphrase_file));
  if (passphrase.empty()) {
    return absl::InvalidArgumentError(
        "keys are kept encrypted: a passphrase is needed");
  }
  std::vector<NamedShare> shares;
  for (const std::string& file : arguments.share_files) {
    MASA_ASSIGN_OR_RETURN(const std::string text, ReadWhole(file));
    absl::StatusOr<masa::v1::KeyShare> share = ParseShare(text);
    if (!share.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ": ", std::string(share.status().message())));
    }
    shares.emplace_back(file, *std::move(share));
  }
  MASA_ASSIGN_OR_RETURN(const auto key, RestoreKey(shares));
  MASA_RETURN_IF_ERROR(WriteText(
      arguments.out_file, signing::PrivateKeyPem(key.get(), passphrase)));
  google::protobuf::Struct restored;
  (*restored.mutable_fields())["file"].set_string_value(arguments.out_file);
  terminal.out << (options.json
                       ? JsonOf(restored)
                       : absl::StrCat("the key is in ", arguments.out_file))
               << '\n';
  return 0;
}

}  // namespace masa::masactl
