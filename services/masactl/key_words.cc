#include "CLI/CLI.hpp"
#include "services/masactl/key_commands.h"

namespace masa::masactl {
namespace {

using Choose = std::function<void(KeyCommand)>;

CLI::App* Word(CLI::App* app, const char* name, const char* what,
               KeyCommand command, const Choose& choose) {
  auto* word = app->add_subcommand(name, what);
  word->fallthrough()->callback([command, choose] { choose(command); });
  return word;
}

void AddName(CLI::App* word, KeyArguments& a) {
  word->add_option("KEY", a.key, "as products name it")->required();
}

void AddVersion(CLI::App* word, KeyArguments& a) {
  AddName(word, a);
  word->add_option("VERSION", a.version, "its number")->required();
}

void AddRequestId(CLI::App* word, KeyArguments& a) {
  word->add_option("--request-id", a.request_id,
                   "your own, so that the command can be repeated");
}

void AddMaking(CLI::App* key, KeyArguments& a, const Choose& choose) {
  auto* create =
      Word(key, "create", "make a version in the signer", CreateKey, choose);
  AddName(create, a);
  create->add_option("--algorithm", a.algorithm, "p256 when absent")
      ->check(CLI::IsMember({"p256", "p384", "rsa", "ed25519"}));
  AddRequestId(create, a);
  auto* import =
      Word(key, "import", "take a key from a file, where there is no HSM",
           ImportKey, choose);
  AddName(import, a);
  import
      ->add_option("--pkcs8", a.key_file,
                   "PKCS#8 PEM, encrypted with the passphrase of the signer's "
                   "key folder")
      ->required();
  AddRequestId(import, a);
  auto* csr = Word(key, "csr", "ask for the certificate of a version",
                   RequestKeyCertificate, choose);
  AddVersion(csr, a);
  csr->add_option("--subject", a.subject, "CN=ACME voucher signer,O=ACME")
      ->required();
  csr->add_option("--out", a.out_file, "where to write it, PEM")->required();
}

void AddPassphrase(CLI::App* word, KeyArguments& a) {
  word->add_option("--passphrase-file", a.passphrase_file,
                   "whose first line the keys are encrypted with")
      ->required();
}

void AddCeremony(CLI::App* key, KeyArguments& a, const Choose& choose) {
  auto* hold = Word(key, "ceremony",
                    "make an offline root and certificates, without a server",
                    HoldKeyCeremony, choose);
  hold->add_option("FILE", a.plan_file, "the plan, YAML")->required();
  hold->add_option("--out", a.out_file, "folder for all that comes of it")
      ->required();
  hold->add_option("--held-at", a.at, "instead of the plan's moment");
  AddPassphrase(hold, a);
  auto* verify = Word(key, "ceremony-verify",
                      "hold what came of a ceremony against its record",
                      VerifyKeyCeremony, choose);
  verify->add_option("FOLDER", a.folder, "where it is")->required();
  verify->add_option("--file", a.plan_file, "the plan, YAML")->required();
  verify->add_option("--root-sha256", a.root_sha256,
                     "of the root that is expected, hexadecimal");
}

void AddEscrow(CLI::App* key, KeyArguments& a, const Choose& choose) {
  CLI::App* escrow =
      key->add_subcommand("escrow", "a key that several hold together")
          ->require_subcommand(1)
          ->fallthrough();
  auto* split = Word(escrow, "split", "into shares, some of which restore it",
                     SplitKeyInEscrow, choose);
  split->add_option("--pkcs8", a.key_file, "the private key, PEM")->required();
  AddPassphrase(split, a);
  split->add_option("--shares", a.shares, "how many, 255 at most")->required();
  split->add_option("--threshold", a.threshold, "how many restore it")
      ->required();
  split->add_option("--out", a.out_file, "folder for the shares")->required();
  auto* restore = Word(escrow, "restore", "the key from its shares",
                       RestoreKeyFromEscrow, choose);
  restore->add_option("SHARE", a.share_files, "files of shares")->required();
  AddPassphrase(restore, a);
  restore->add_option("--out", a.out_file, "where to write it, PEM")
      ->required();
}

}  // namespace

void AddKeyWords(CLI::App& app, KeyArguments& arguments, const Choose& choose) {
  KeyArguments& a = arguments;
  CLI::App* key = app.add_subcommand("key", "keys that sign vouchers")
                      ->require_subcommand(1)
                      ->fallthrough();
  Word(key, "list", "all versions, and which signs now", ListKeys, choose);
  AddMaking(key, a, choose);
  auto* activate = Word(key, "activate", "sign with a version from a moment on",
                        ActivateKey, choose);
  AddVersion(activate, a);
  activate
      ->add_option("--chain", a.chain_file,
                   "its certificates, PEM, signer first, anchor last")
      ->required();
  activate->add_option("--not-before", a.at,
                       "2027-01-31T12:00:00Z; in 10 seconds when absent");
  activate->add_flag("--check", a.check, "say whether it could be, no more");
  AddRequestId(activate, a);
  auto* retire =
      Word(key, "retire", "sign with a version no more", RetireKey, choose);
  AddVersion(retire, a);
  retire->add_option("--at", a.at,
                     "2027-01-31T12:00:00Z; in 10 seconds when absent");
  retire->add_flag("--last", a.last, "although nothing signs then");
  AddRequestId(retire, a);
  auto* destroy =
      Word(key, "destroy",
           "the private key of a retired version; another operator confirms it "
           "after seven days",
           DestroyKey, choose);
  AddVersion(destroy, a);
  destroy->add_flag("--withdraw", a.withdraw, "take back what was asked for");
  destroy->add_flag("--check", a.check, "say whether it could be, no more");
  AddRequestId(destroy, a);
  auto* test = Word(key, "test", "sign a test, and verify it", TestKey, choose);
  AddName(test, a);
  test->add_option("VERSION", a.version, "the one that signs now when absent");
  AddCeremony(key, a, choose);
  AddEscrow(key, a, choose);
}

}  // namespace masa::masactl
