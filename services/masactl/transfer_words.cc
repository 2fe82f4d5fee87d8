#include "CLI/CLI.hpp"
#include "services/masactl/transfer_commands.h"

namespace masa::masactl {
namespace {

using Choose = std::function<void(TransferCommand)>;

CLI::App* Word(CLI::App* app, const char* name, const char* what,
               TransferCommand command, const Choose& choose) {
  auto* word = app->add_subcommand(name, what);
  word->fallthrough()->callback([command, choose] { choose(command); });
  return word;
}

void AddCheck(CLI::App* word, TransferArguments& a) {
  word->add_flag("--check", a.check, "say what would happen, change nothing");
}

void AddTransfer(CLI::App* device, TransferArguments& a, const Choose& choose) {
  CLI::App* transfer =
      device->add_subcommand("transfer", "from one owner to the next")
          ->require_subcommand(1)
          ->fallthrough();
  auto* offer = Word(transfer, "offer", "hold devices for another organisation",
                     OfferTransfer, choose);
  offer->add_option("SERIAL", a.serials)->required();
  offer->add_option("--to", a.to, "who shall own them")->required();
  offer->add_option("--from", a.from, "who owns them; you when absent");
  offer->add_option("--expires-in", a.expires_in, "720h when absent");
  offer->add_flag("--keep-history", a.keep_history,
                  "the new owner may read who owned them before");
  AddCheck(offer, a);
  const struct {
    const char* name;
    const char* what;
    TransferCommand command;
  } ends[] = {
      {"accept", "the devices are yours", AcceptTransfer},
      {"reject", "you do not want them", RejectTransfer},
      {"cancel", "you keep them", CancelTransfer},
  };
  for (const auto& end : ends) {
    auto* word = Word(transfer, end.name, end.what, end.command, choose);
    word->add_option("TRANSFER", a.transfer_id)->required();
    AddCheck(word, a);
  }
  Word(transfer, "get", "one transfer with its devices", GetTransfer, choose)
      ->add_option("TRANSFER", a.transfer_id)
      ->required();
  Word(transfer, "list", "what an organisation gives and receives",
       ListTransfers, choose)
      ->add_option("--organization", a.organization, "yours when absent");
}

}  // namespace

void AddTransferWords(CLI::App& app, TransferArguments& arguments,
                      const Choose& choose) {
  CLI::App* device = app.get_subcommand("device");
  AddTransfer(device, arguments, choose);
  auto* claim = Word(device, "claim", "you bought these: they are yours",
                     ClaimDevices, choose);
  claim->add_option("SERIAL", arguments.serials)->required();
  claim
      ->add_option("--sales-order", arguments.sales_order,
                   "under which they were delivered")
      ->required();
  claim->add_option("--organization", arguments.organization,
                    "yours when absent");
  AddCheck(claim, arguments);
  auto* release = Word(device, "release", "back to the manufacturer",
                       ReleaseDevices, choose);
  release->add_option("SERIAL", arguments.serials)->required();
  release->add_option("--from", arguments.from,
                      "who owns them; you when absent");
  AddCheck(release, arguments);
  auto* history =
      Word(device, "history", "who owned the device", ShowHistory, choose);
  history->add_option("SERIAL", arguments.serial)->required();
  auto* verify = history->add_flag(
      "--verify", arguments.verify,
      "check hashes, proofs, signatures and chains here, trusting nobody but "
      "the anchor; status 2 while the newest entries are not signed yet");
  verify->needs(history->add_option(
      "--anchor", arguments.anchor_file,
      "root certificate of the manufacturer's ownership key, PEM or DER"));
}

}  // namespace masa::masactl
