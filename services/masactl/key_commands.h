// Commands about signing keys. As in commands.h: each writes to `out`, and
// returns the exit status or an error.
#ifndef SERVICES_MASACTL_KEY_COMMANDS_H_
#define SERVICES_MASACTL_KEY_COMMANDS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/masactl/commands.h"

namespace CLI {
class App;
}

namespace masa::masactl {

// What the words of these commands fill.
struct KeyArguments {
  std::string key;
  std::string version;  // a number; of `test` empty for the one in force
  std::string algorithm = "p256";
  std::string key_file;
  std::string subject;
  std::string chain_file;
  std::string out_file;
  std::string at;  // RFC 3339; empty: as soon as all replicas know
  std::string request_id;
  bool check = false;
  bool last = false;
  bool withdraw = false;
  // Of what needs no server.
  std::string plan_file;
  std::string folder;
  std::string passphrase_file;
  std::string root_sha256;
  std::vector<std::string> share_files;
  int shares = 0;
  int threshold = 0;
};

using KeyCommand = absl::StatusOr<int> (*)(const CommonOptions& options,
                                           const KeyArguments& arguments,
                                           Terminal terminal);

absl::StatusOr<int> ListKeys(const CommonOptions& options,
                             const KeyArguments& arguments, Terminal terminal);
absl::StatusOr<int> CreateKey(const CommonOptions& options,
                              const KeyArguments& arguments, Terminal terminal);
// The file is encrypted with the passphrase of the signer's key folder, and
// goes there as it is.
absl::StatusOr<int> ImportKey(const CommonOptions& options,
                              const KeyArguments& arguments, Terminal terminal);
absl::StatusOr<int> RequestKeyCertificate(const CommonOptions& options,
                                          const KeyArguments& arguments,
                                          Terminal terminal);
absl::StatusOr<int> ActivateKey(const CommonOptions& options,
                                const KeyArguments& arguments,
                                Terminal terminal);
absl::StatusOr<int> RetireKey(const CommonOptions& options,
                              const KeyArguments& arguments, Terminal terminal);
// Asks for it, confirms what another operator asked for, or takes it back.
absl::StatusOr<int> DestroyKey(const CommonOptions& options,
                               const KeyArguments& arguments,
                               Terminal terminal);
absl::StatusOr<int> TestKey(const CommonOptions& options,
                            const KeyArguments& arguments, Terminal terminal);

// Ceremonies and escrow: offline/ceremony.h and offline/key_shares.h say what
// they do. Verifying ends with 1 when something does not hold.
absl::StatusOr<int> HoldKeyCeremony(const CommonOptions& options,
                                    const KeyArguments& arguments,
                                    Terminal terminal);
absl::StatusOr<int> VerifyKeyCeremony(const CommonOptions& options,
                                      const KeyArguments& arguments,
                                      Terminal terminal);
absl::StatusOr<int> SplitKeyInEscrow(const CommonOptions& options,
                                     const KeyArguments& arguments,
                                     Terminal terminal);
absl::StatusOr<int> RestoreKeyFromEscrow(const CommonOptions& options,
                                         const KeyArguments& arguments,
                                         Terminal terminal);

// Adds the word `key` with those of these commands; `choose` is called with the
// command that they name. All outlive the parsing.
void AddKeyWords(CLI::App& app, KeyArguments& arguments,
                 const std::function<void(KeyCommand)>& choose);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_KEY_COMMANDS_H_
